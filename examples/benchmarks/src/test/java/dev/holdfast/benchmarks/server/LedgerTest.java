package dev.holdfast.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.benchmarks.server.Ledger.Result;
import org.junit.jupiter.api.Test;

class LedgerTest {

  private final Ledger ledger = new Ledger();

  private long get(Counter counter, long now) {
    return ledger.counts(now).get(counter);
  }

  @Test
  void eachTaskIsCompletedOnceAndASecondResultIsDoubled() {
    long task = ledger.handOut(1);
    ledger.take(task, Result.ECHO, 2);
    ledger.take(task, Result.ECHO, 3);
    assertThat(get(Counter.COMPLETED, 3)).isEqualTo(1);
    assertThat(get(Counter.DOUBLED, 3)).isEqualTo(1);
  }

  @Test
  void aResultOfATaskThatWasNotHandedOutIsUnknown() {
    long task = ledger.handOut(1);
    ledger.take(task + 1, Result.ECHO, 2);
    ledger.take(-1, Result.ECHO, 2);
    assertThat(get(Counter.UNKNOWN, 2)).isEqualTo(2);
    assertThat(get(Counter.COMPLETED, 2)).isZero();
  }

  @Test
  void aResultFromBeforeTheResetIsUnknownAndNotTakenForANewOne() {
    long old = ledger.handOut(1);
    ledger.reset(Supply.ENDLESS, 2);
    long task = ledger.handOut(3);
    ledger.take(old, Result.ECHO, 4);
    assertThat(task).isNotEqualTo(old);
    assertThat(get(Counter.UNKNOWN, 4)).isEqualTo(1);
    assertThat(get(Counter.HANDED_OUT, 4)).isEqualTo(1);
    assertThat(get(Counter.COMPLETED, 4)).isZero();
  }

  @Test
  void whatIsNoEchoIsCountedApart() {
    ledger.take(ledger.handOut(1), Result.WRONG, 2);
    ledger.take(ledger.handOut(1), Result.HANDED_BACK, 2);
    assertThat(get(Counter.WRONG, 2)).isEqualTo(1);
    assertThat(get(Counter.HANDED_BACK, 2)).isEqualTo(1);
    assertThat(get(Counter.COMPLETED, 2)).isZero();
  }

  @Test
  void theTimeThatTasksAreOutIsSummedOverAllOfThem() {
    ledger.reset(Supply.ENDLESS, 0);
    long first = ledger.handOut(10);
    ledger.handOut(20);
    ledger.take(first, Result.ECHO, 30);
    assertThat(get(Counter.HELD_NANOS, 50)).isEqualTo(20 + 30);
  }

  @Test
  void aFiniteSupplyEnds() {
    ledger.reset(new Supply(2, 0, 0), 0);
    assertThat(ledger.available(1)).isEqualTo(2);
    ledger.handOut(1);
    ledger.handOut(1);
    assertThat(ledger.available(1)).isZero();
  }

  @Test
  void aPacedSupplyGrowsWithTimeUpToItsEnd() {
    ledger.reset(new Supply(15, 1_000, 0), 0);
    assertThat(ledger.available(0)).isZero();
    assertThat(ledger.available(10_000_000)).isEqualTo(10);
    assertThat(ledger.available(1_000_000_000)).isEqualTo(15);
  }

  @Test
  void driedUpThereIsNoMoreUntilTheReset() {
    ledger.handOut(1);
    ledger.dryUp();
    assertThat(ledger.available(2)).isZero();
    ledger.reset(Supply.ENDLESS, 3);
    assertThat(ledger.available(3)).isPositive();
  }

  @Test
  void theLongestThatWorkWaitedForAFreeSlotIsKeptUntilTheMark() {
    ledger.reset(new Supply(0, 1_000, 1), 0);
    long task = ledger.handOut(4_000_000); // there since 1 ms
    assertThat(get(Counter.WAITED_NANOS_MAX, 4_000_000)).isEqualTo(3_000_000);
    ledger.handOut(9_000_000); // no slot was free
    assertThat(get(Counter.WAITED_NANOS_MAX, 9_000_000)).isEqualTo(3_000_000);
    ledger.take(task, Result.ECHO, 9_000_000);
    ledger.mark();
    assertThat(get(Counter.WAITED_NANOS_MAX, 9_000_000)).isZero();
  }
}
