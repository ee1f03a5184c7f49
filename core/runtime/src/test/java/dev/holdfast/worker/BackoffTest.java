package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class BackoffTest {

  private static final Duration BASE = Duration.ofSeconds(2);
  private static final Duration CAP = Duration.ofSeconds(10);
  private static final double ALMOST_ONE = Math.nextDown(1.0);

  private static Backoff with(DoubleSupplier random) {
    return new Backoff(BASE, CAP, random);
  }

  @ParameterizedTest
  @CsvSource({"1,2000", "2,4000", "3,8000", "4,10000", "5,10000", "100,10000"})
  void liesBetweenHalfAndTheWholeOfTheDoublingCeiling(long failures, long ceilingMillis) {
    Duration ceiling = Duration.ofMillis(ceilingMillis);

    assertThat(with(() -> 0).delay(failures)).isEqualTo(ceiling.dividedBy(2));
    assertThat(with(() -> 0.5).delay(failures)).isEqualTo(ceiling.multipliedBy(3).dividedBy(4));
    assertThat(with(() -> ALMOST_ONE).delay(failures)).isBetween(ceiling.minusNanos(10), ceiling);
  }

  @Test
  void isSpreadOverTheWholeRange() {
    Random random = new Random(7);
    Backoff backoff = with(random::nextDouble);

    double mean =
        LongStream.range(0, 10_000).map(n -> backoff.delay(1).toMillis()).average().orElseThrow();

    assertThat(mean).isBetween(1_480.0, 1_520.0);
  }

  @Test
  void isNeverZeroNegativeOrAboveTheCapHoweverManyFailures() {
    Random random = new Random(7);
    Backoff backoff = with(random::nextDouble);

    for (long failures = 1; failures <= 2_000; failures++) {
      assertThat(backoff.delay(failures)).isBetween(BASE.dividedBy(2), CAP);
    }
    assertThat(backoff.delay(Long.MAX_VALUE)).isBetween(CAP.dividedBy(2), CAP);
  }

  @Test
  void isTheCapIfTheBaseIsLarger() {
    assertThat(new Backoff(Duration.ofHours(1), CAP, () -> 0).delay(2_000))
        .isEqualTo(CAP.dividedBy(2));
  }
}
