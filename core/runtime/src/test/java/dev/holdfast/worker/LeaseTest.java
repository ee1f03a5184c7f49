package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.Polled;
import dev.holdfast.task.Attempt;
import dev.holdfast.task.Task;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class LeaseTest {

  private static final long RECEIVED = Long.MAX_VALUE - 5;
  private static final Duration CALL = Duration.ofSeconds(15);

  private static Lease of(Duration own, Task.Builder task) {
    Lane lane = new Lane(TaskSpec.of("greet", Lanes.NOTHING).timeout(own), 10);
    return Lease.of(lane, new Polled.Leased(task.build()), "west", true, RECEIVED);
  }

  private static Task.Builder task() {
    return Task.builder("t1", "greet").pollCount(3);
  }

  private static Duration limit(Lease lease) {
    return Duration.ofNanos(lease.deadlineNanos(CALL) - RECEIVED);
  }

  @Test
  void hasTheHandlersOwnLimitIfTheServerHasNone() {
    assertThat(limit(of(Duration.ofMinutes(5), task()))).hasMinutes(5);
    assertThat(limit(of(TaskSpec.DEFAULT_TIMEOUT, task().startMillis(1).updateMillis(9_000))))
        .hasHours(1);
  }

  @Test
  void hasTheHandlersOwnLimitIfItIsTheSmaller() {
    assertThat(limit(of(Duration.ofSeconds(44), task().hardTimeout(Duration.ofSeconds(60)))))
        .hasSeconds(44);
  }

  @Test
  void leavesAMarginOfOneCallBeforeTheServersHardLimit() {
    assertThat(limit(of(Duration.ofHours(1), task().hardTimeout(Duration.ofSeconds(60)))))
        .hasSeconds(45);
  }

  @ParameterizedTest
  @CsvSource({"30,15", "20,10", "1,0.5"})
  void leavesAtMostHalfOfTheHardLimitAsItsMargin(long hard, double seconds) {
    assertThat(limit(of(Duration.ofHours(1), task().hardTimeout(Duration.ofSeconds(hard)))))
        .isEqualTo(Duration.ofMillis((long) (seconds * 1_000)));
  }

  @Test
  void countsWhatEarlierAttemptsUsedOfTheHardLimit() {
    Task.Builder task = task().hardTimeout(Duration.ofSeconds(100)).startMillis(1_000);

    assertThat(limit(of(Duration.ofHours(1), task.updateMillis(41_000)))).hasSeconds(45);
    assertThat(limit(of(Duration.ofHours(1), task.updateMillis(81_000)))).hasSeconds(10);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0,41000", "1000,0", "1000,1000", "41000,1000"})
  void countsNothingAsUsedUnlessTheServerSaysBothInstants(long start, long update) {
    Task.Builder task = task().hardTimeout(Duration.ofSeconds(100));

    assertThat(limit(of(Duration.ofHours(1), task.startMillis(start).updateMillis(update))))
        .hasSeconds(85);
  }

  @ParameterizedTest
  @ValueSource(longs = {101_000, 1_000_000})
  void hasPassedAtOnceIfEarlierAttemptsUsedAllOfTheHardLimit(long update) {
    Task.Builder task =
        task().hardTimeout(Duration.ofSeconds(100)).startMillis(1_000).updateMillis(update);

    assertThat(limit(of(Duration.ofHours(1), task))).isZero();
  }

  @Test
  void isDueAtTheEndOfTheResponseTimeout() {
    Lease lease = of(Duration.ofHours(1), task().responseTimeout(Duration.ofSeconds(60)));

    assertThat(lease.dueNanos() - RECEIVED).isEqualTo(Duration.ofSeconds(60).toNanos());
    assertThat(of(Duration.ofHours(1), task()).dueNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void hasItsHardLimitLessWhatEarlierAttemptsUsedOrACentury() {
    Task.Builder task = task().hardTimeout(Duration.ofSeconds(100)).startMillis(1_000);
    assertThat(hardLimit(task.updateMillis(1_000))).hasSeconds(100);
    assertThat(hardLimit(task.updateMillis(41_000))).hasSeconds(60);
    assertThat(hardLimit(task.updateMillis(500_000))).isZero();

    assertThat(hardLimit(task())).hasDays(36_500);
    assertThat(hardLimit(task().hardTimeout(Duration.ofSeconds(Long.MAX_VALUE)))).hasDays(36_500);
  }

  private static Duration hardLimit(Task.Builder task) {
    return Duration.ofNanos(of(Duration.ofHours(1), task).hardLimitNanos() - RECEIVED);
  }

  @Test
  void saysHowLongTheServerWaits() {
    Task.Builder task = task().responseTimeout(Duration.ofSeconds(60));

    assertThat(of(Duration.ofHours(1), task).responseTimeoutNanos()).isEqualTo(60_000_000_000L);
    assertThat(of(Duration.ofHours(1), task()).responseTimeoutNanos()).isZero();
  }

  @Test
  void isOneAttemptOfTheRegionThatLeasedIt() {
    Lease lease = of(Duration.ofHours(1), task());

    assertThat(lease.attempt()).isEqualTo(new Attempt("west", "t1", 3));
    assertThat(lease.unusable()).isNull();
    assertThat(lease.isNameless()).isFalse();
  }

  @Test
  void keepsTheIdsOfATaskThatCannotBeRun() {
    Polled bad = new Polled.Unusable(task().build(), "the input has 11 MiB");
    Lease lease = Lease.of(Lanes.of("greet", 1), bad, "west", false, RECEIVED);

    assertThat(lease.attempt()).isEqualTo(new Attempt("west", "t1", 3));
    assertThat(lease.unusable()).isEqualTo("the input has 11 MiB");
    assertThat(lease.isNameless()).isFalse();
    assertThat(lease.placed()).isFalse();
  }

  @Test
  void isNamelessIfNotEvenTheIdCouldBeRead() {
    Polled bad = new Polled.Unusable(null, "no JSON");
    Lease lease = Lease.of(Lanes.of("greet", 1), bad, "west", true, RECEIVED);

    assertThat(lease.isNameless()).isTrue();
    assertThat(lease.unusable()).isEqualTo("no JSON");
  }
}
