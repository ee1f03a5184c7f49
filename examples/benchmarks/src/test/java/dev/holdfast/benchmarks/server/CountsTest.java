package dev.holdfast.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CountsTest {

  @Test
  void whatIsWrittenIsReadAgain() {
    Counts counts = Counts.of(Map.of(Counter.POLLS, 3L, Counter.FREE_NANOS_P99, 7L));
    assertThat(counts.toString()).contains("polls 3\n").contains("free_nanos_p99 7\n");
    Counts read = Counts.parse(counts.toString());
    assertThat(read.get(Counter.POLLS)).isEqualTo(3);
    assertThat(read.get(Counter.FREE_NANOS_P99)).isEqualTo(7);
    assertThat(read.get(Counter.UPDATES)).isZero();
  }

  @Test
  void whatGrowsIsSubtractedAndWhatIsOfAWindowStays() {
    Counts earlier = Counts.of(Map.of(Counter.POLLS, 3L, Counter.REFILLS, 5L));
    Counts later = Counts.of(Map.of(Counter.POLLS, 10L, Counter.REFILLS, 6L));
    assertThat(later.since(earlier).get(Counter.POLLS)).isEqualTo(7);
    assertThat(later.since(earlier).get(Counter.REFILLS)).isEqualTo(6);
  }

  @Test
  void aLineThatIsNoCounterIsNamed() {
    assertThatThrownBy(() -> Counts.parse("polls 3\nfoo 4\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'foo 4' is no counter: expected NAME VALUE");
  }
}
