package dev.holdfast.outage;

import static dev.holdfast.outage.Rig.BILL;
import static dev.holdfast.outage.Rig.GREET;
import static dev.holdfast.outage.Rig.badKey;
import static dev.holdfast.outage.Rig.busy;
import static dev.holdfast.outage.Rig.html;
import static dev.holdfast.outage.Rig.noSuch;
import static dev.holdfast.outage.Rig.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What fails on one channel while others work. */
@Timeout(60)
class OutageChannelsTest {

  private static ServerFailure failure(Kind kind) {
    return ServerFailure.of(kind, kind + " as ever", null);
  }

  /** Two thousand claims that fail while heartbeats work; returns when it gave up, or -1. */
  private static long claimsFailWhileHeartbeatsWork(Rig rig, Kind kind) {
    for (int claim = 0; claim < 2_000; claim++) {
      if (rig.fail(GREET, failure(kind)).gaveUp() != null) {
        return rig.now();
      }
      rig.pass(5);
      rig.answer(Channel.lease());
      rig.pass(6);
    }
    return -1;
  }

  @ParameterizedTest
  @EnumSource
  void withoutALimitTwoThousandFailedClaimsLeaveADegradedLivingLoop(Kind kind) {
    try (Rig rig = Rig.never()) {
      assertThat(claimsFailWhileHeartbeatsWork(rig, kind)).isNegative();
      Decision next = rig.fail(GREET, failure(kind));
      assertThat(next.delay().toSeconds()).isBetween(1L, 10L);
      assertThat(rig.signal.state().degraded()).containsOnlyKeys(GREET);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWorkingHeartbeatCannotHideAClaimLoopThatAlwaysFails(Kind kind) {
    try (Rig rig = Rig.limited(120)) {
      assertThat(claimsFailWhileHeartbeatsWork(rig, kind) / 1e9).isBetween(120.0, 150.0);
      assertThat(rig.signal.state())
          .isInstanceOfSatisfying(
              OutageState.GaveUp.class, state -> assertThat(state.why().kind()).isEqualTo(kind));
    }
  }

  @Test
  void oneTypesRejectionsDegradeThatTypeAndNotTheWorker() {
    try (Rig rig = Rig.limited(10, GREET, BILL)) {
      for (int i = 0; i < 100; i++) {
        assertThat(rig.fail(GREET, noSuch()).gaveUp()).isNull();
        rig.answer(BILL);
        rig.pass(10);
      }
      assertThat(rig.signal.isOpen()).isTrue();
      assertThat(rig.signal.state().degraded()).containsOnlyKeys(GREET);
      assertThat(rig.signal.state().degraded().get(GREET)).hasMessage("No such task type");
    }
  }

  @Test
  void onlyItsOwnSuccessEndsAChannelsFailing() {
    try (Rig rig = Rig.limited(10, GREET, BILL)) {
      rig.fail(GREET, noSuch());
      rig.answer(BILL);
      rig.answer(Channel.update());
      rig.answer(Channel.lease());
      assertThat(rig.signal.state().degraded()).containsOnlyKeys(GREET);
      rig.answer(GREET);
      assertThat(rig.signal.state().degraded()).isEmpty();
    }
  }

  @Test
  void theWorkerEndsWhenEveryTypeIsRejectedForTooLong() {
    try (Rig rig = Rig.limited(10, GREET, BILL)) {
      rig.fail(GREET, noSuch());
      rig.pass(8);
      rig.fail(BILL, noSuch());
      rig.pass(8);
      rig.answer(Channel.update());
      assertThat(rig.fail(GREET, noSuch()).gaveUp()).isNull();
      rig.pass(3);
      GaveUpException gaveUp = rig.fail(BILL, noSuch()).gaveUp();
      assertThat(gaveUp).isNotNull();
      assertThat(gaveUp.kind()).isEqualTo(Kind.REJECTED);
    }
  }

  @Test
  void credentialsAreToBlameOnlyIfTheyAreRefusedEverywhere() {
    try (Rig rig = Rig.limited(10, GREET, BILL)) {
      rig.fail(GREET, badKey());
      rig.fail(BILL, badKey());
      rig.pass(11);
      assertThat(rig.fail(GREET, badKey()).gaveUp())
          .satisfies(gaveUp -> assertThat(gaveUp.kind()).isEqualTo(Kind.UNAUTHORIZED));
    }
    try (Rig rig = Rig.limited(10, GREET, BILL)) {
      rig.fail(GREET, badKey());
      rig.fail(BILL, noSuch());
      rig.pass(11);
      assertThat(rig.fail(GREET, badKey()).gaveUp())
          .satisfies(gaveUp -> assertThat(gaveUp.kind()).isEqualTo(Kind.REJECTED));
    }
  }

  @Test
  void aBadPayloadIsNoOutage() {
    try (Rig rig = Rig.limited(10)) {
      for (int i = 0; i < 100; i++) {
        assertThat(rig.fail(GREET, html()).gaveUp()).isNull();
        rig.pass(3);
        rig.answer(GREET);
        rig.pass(3);
        assertThat(rig.signal.isOpen()).isTrue();
      }
      assertThat(rig.lines()).noneMatch(line -> line.contains("unreachable"));
    }
  }

  @Test
  void aRejectedResultSaysNothingOfTheUpdates() {
    try (Rig rig = Rig.limited(10)) {
      for (int i = 0; i < 10; i++) {
        rig.fail(Channel.update(), noSuch());
        rig.fail(Channel.lease(), noSuch());
        rig.pass(10);
      }
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Healthy.class);
      assertThat(rig.signal.state().degraded()).isEmpty();
      assertThat(rig.lines()).isEmpty();
    }
  }

  @Test
  void failingUpdatesAloneDoNotEndAWorker() {
    try (Rig rig = Rig.limited(10)) {
      for (int i = 0; i < 10; i++) {
        assertThat(rig.fail(Channel.update(), html()).gaveUp()).isNull();
        rig.pass(10);
      }
      assertThat(rig.signal.state().degraded()).containsOnlyKeys(Channel.update());
    }
  }

  @Test
  void anyAnswerEndsATransportOutageAndARejectionIsOne() {
    try (Rig rig = Rig.never(GREET, BILL)) {
      rig.fail(GREET, refused());
      rig.pass(2);
      rig.fail(BILL, noSuch());
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Ramping.class);
      assertThat(rig.signal.state().degraded()).containsOnlyKeys(BILL);
    }
  }

  @Test
  void anOutageOfTheServerDegradesNoChannel() {
    try (Rig rig = Rig.limited(200, GREET, BILL)) {
      for (int i = 0; i < 10; i++) {
        rig.fail(GREET, i % 2 == 0 ? refused() : busy());
        rig.fail(BILL, refused());
        rig.pass(10);
        assertThat(rig.signal.state().degraded()).isEmpty();
      }
      rig.answer(GREET);
      assertThat(rig.signal.state().degraded()).isEmpty();
    }
  }

  @Test
  void aTypeThatIsSeldomPolledIsNotHeldToAnOutageLongAgo() {
    try (Rig rig = Rig.limited(10)) {
      rig.fail(GREET, refused());
      rig.pass(5);
      rig.answer(Channel.update());
      rig.pass(600);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
    }
  }

  @Test
  void aLateFailureDoesNotUndoAChannelsSuccess() {
    try (Rig rig = Rig.never()) {
      long hung = rig.now();
      rig.pass(1);
      rig.fail(GREET, noSuch());
      rig.pass(1);
      rig.answer(GREET);
      rig.pass(1);
      rig.signal.onFailure(GREET, noSuch(), hung);
      assertThat(rig.signal.state().degraded()).isEmpty();
    }
  }

  @Test
  void onlyChannelsOfTheWorkerAreKnown() {
    try (Rig rig = Rig.never(GREET)) {
      assertThatThrownBy(() -> rig.fail(BILL, noSuch()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("channel polls of bill is unknown: expected one of [polls of greet]");
    }
  }
}
