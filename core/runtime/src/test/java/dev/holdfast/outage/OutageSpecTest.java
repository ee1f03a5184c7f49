package dev.holdfast.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class OutageSpecTest {

  private static void assertRefused(UnaryOperator<OutageSpec> change, String message) {
    assertThatThrownBy(() -> change.apply(OutageSpec.create()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void theDefaultsAreTheDesigns() {
    OutageSpec spec = OutageSpec.create();
    assertThat(spec.base()).hasSeconds(2);
    assertThat(spec.cap()).hasSeconds(10);
    assertThat(spec.limit()).isNull();
    assertThat(spec.ramp()).hasSeconds(5);
    assertThat(spec.logInterval()).hasSeconds(5);
    assertThat(spec.region()).isNull();
  }

  @Test
  void badValuesAreRefusedByName() {
    Duration zero = Duration.ZERO;
    assertRefused(spec -> spec.backoff(zero, Duration.ofSeconds(1)), "base is zero: expected more");
    assertRefused(
        spec -> spec.backoff(Duration.ofSeconds(3), Duration.ofSeconds(2)),
        "cap is PT2S: expected at least base, PT3S");
    assertRefused(spec -> spec.giveUpAfter(zero), "giveUpAfter is zero: expected more");
    assertRefused(
        spec -> spec.giveUpAfter(Duration.ofDays(366)),
        "giveUpAfter is PT8784H: expected zero to 365 days");
    assertRefused(
        spec -> spec.ramp(Duration.ofSeconds(-1)), "ramp is PT-1S: expected zero to 1 days");
    assertRefused(spec -> spec.logInterval(zero), "logInterval is zero: expected more");
    assertRefused(
        spec -> spec.maxRetryAfter(Duration.ofDays(2)),
        "maxRetryAfter is PT48H: expected zero to 1 days");
    assertRefused(spec -> spec.probeTimeout(zero), "probeTimeout is zero: expected more");
    assertRefused(spec -> spec.region(" ", () -> false), "region is blank: expected a name");
  }

  @Test
  void aSpecIsATemplateThatNoWitherChanges() {
    OutageSpec spec = OutageSpec.create();
    OutageSpec changed = spec.giveUpAfter(Duration.ofSeconds(1)).ramp(Duration.ofSeconds(9));
    assertThat(spec.limit()).isNull();
    assertThat(spec.ramp()).hasSeconds(5);
    assertThat(changed.limit()).hasSeconds(1);
    assertThat(changed.never().limit()).isNull();
    assertThat(changed.never().ramp()).hasSeconds(9);
  }

  @Test
  void channelsAreNamedAsTheyAre() {
    assertThatThrownBy(() -> Channel.poll(" ")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Channel(Channel.Kind.UPDATE, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("channel UPDATE is named 'x': expected a name for polls, none else");
    assertThatThrownBy(() -> OutageSignal.create(OutageSpec.create(), List.of(Channel.update())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("channel updates: expected polls only");
  }

  @ParameterizedTest
  @CsvSource({"1, 1000", "2, 2000", "3, 4000", "4, 5000", "5, 5000", "1025, 5000"})
  void halfTheDelayIsTheLeast(long failures, long millis) {
    Backoff backoff = new Backoff(OutageSpec.create());
    assertThat(backoff.delayNanos(failures, null, 0.0) / 1_000_000).isEqualTo(millis);
    assertThat(backoff.delayNanos(failures, null, 1.0) / 1_000_000).isEqualTo(2 * millis);
  }

  @ParameterizedTest
  @ValueSource(longs = {1_024, 1_025, 100_000, Integer.MAX_VALUE, Long.MAX_VALUE})
  void noNumberOfFailuresOverflowsTheDelay(long failures) {
    Backoff widest =
        new Backoff(OutageSpec.create().backoff(Duration.ofDays(1), Duration.ofDays(1)));
    assertThat(new Backoff(OutageSpec.create()).delayNanos(failures, null, 0.5))
        .isEqualTo(Duration.ofMillis(7_500).toNanos());
    assertThat(widest.delayNanos(failures, null, 1.0)).isEqualTo(Duration.ofDays(1).toNanos());
  }
}
