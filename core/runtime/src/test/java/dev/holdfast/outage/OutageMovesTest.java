package dev.holdfast.outage;

import static dev.holdfast.outage.Rig.GREET;
import static dev.holdfast.outage.Rig.busy;
import static dev.holdfast.outage.Rig.noSuch;
import static dev.holdfast.outage.Rig.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure.Kind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of legal moves: each state with each thing that can happen in it. */
@Timeout(60)
class OutageMovesTest {

  private static final double LIMIT = 120;

  /** Brings the signal into a state, after a second in which it was healthy. */
  private static void bring(Rig rig, String state) {
    rig.pass(1);
    switch (state) {
      case "Healthy" -> {}
      case "Outage" -> rig.fail(GREET, refused());
      case "Ramping" -> {
        rig.fail(GREET, refused());
        rig.pass(3);
        rig.answer(GREET);
      }
      case "GaveUp" -> {
        rig.fail(GREET, refused());
        rig.pass(LIMIT + 1);
        rig.fail(GREET, refused());
      }
      case "Closed" -> rig.signal.close();
      default -> throw new AssertionError(state);
    }
    assertThat(name(rig)).isEqualTo(state);
  }

  private static String name(Rig rig) {
    return rig.signal.state().getClass().getSimpleName();
  }

  @ParameterizedTest
  @CsvSource({
    "Healthy, unreachable, Outage",
    "Healthy, overloaded, Outage",
    "Healthy, rejected, Healthy",
    "Healthy, answered, Healthy",
    "Healthy, answered late, Healthy",
    "Healthy, failed late, Healthy",
    "Healthy, time, Healthy",
    "Healthy, close, Closed",
    "Outage, unreachable, Outage",
    "Outage, overloaded, Outage",
    "Outage, rejected, Ramping",
    "Outage, answered, Ramping",
    "Outage, answered late, Outage",
    "Outage, failed late, Outage",
    "Outage, time, Outage",
    "Outage, close, Closed",
    "Ramping, unreachable, Outage",
    "Ramping, overloaded, Outage",
    "Ramping, rejected, Ramping",
    "Ramping, answered, Ramping",
    "Ramping, answered late, Ramping",
    "Ramping, failed late, Ramping",
    "Ramping, time, Healthy",
    "Ramping, close, Closed",
    "GaveUp, unreachable, GaveUp",
    "GaveUp, overloaded, GaveUp",
    "GaveUp, rejected, GaveUp",
    "GaveUp, answered, GaveUp",
    "GaveUp, answered late, GaveUp",
    "GaveUp, failed late, GaveUp",
    "GaveUp, time, GaveUp",
    "GaveUp, close, GaveUp",
    "Closed, unreachable, Closed",
    "Closed, overloaded, Closed",
    "Closed, rejected, Closed",
    "Closed, answered, Closed",
    "Closed, answered late, Closed",
    "Closed, failed late, Closed",
    "Closed, time, Closed",
    "Closed, close, Closed",
  })
  void eachStateMovesAsTheTableSays(String from, String what, String to) {
    try (Rig rig = Rig.limited((long) LIMIT)) {
      bring(rig, from);
      long longAgo = from.equals("Healthy") ? rig.now() - Duration.ofSeconds(2).toNanos() : 0;
      switch (what) {
        case "unreachable" -> rig.fail(GREET, refused());
        case "overloaded" -> rig.fail(GREET, busy());
        case "rejected" -> rig.fail(GREET, noSuch());
        case "answered" -> rig.answer(GREET);
        case "answered late" -> rig.signal.onSuccess(GREET, longAgo);
        case "failed late" -> rig.signal.onFailure(GREET, refused(), longAgo);
        case "time" -> rig.pass(5);
        case "close" -> rig.signal.close();
        default -> throw new AssertionError(what);
      }
      assertThat(name(rig)).isEqualTo(to);
    }
  }

  @Test
  void theClockStartsAtTheFirstFailureAndGivesUpStrictlyPastTheLimit() {
    try (Rig rig = Rig.limited(10)) {
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
      rig.pass(10);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
      rig.pass(10);
      GaveUpException gaveUp = rig.fail(GREET, refused()).gaveUp();
      assertThat(gaveUp).isNotNull();
      assertThat(gaveUp.kind()).isEqualTo(Kind.UNREACHABLE);
      assertThat(gaveUp.last()).hasMessage("Connection refused");
      assertThat(gaveUp.getStackTrace()).isEmpty();
    }
  }

  @Test
  void neverMeansNever() {
    try (Rig rig = Rig.never()) {
      for (int day = 0; day < 1_000; day++) {
        assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
        rig.pass(86_400);
      }
    }
  }

  @Test
  void aFailureOnTheRampResumesTheOutageWithItsBackoffAndStartsItsClockAnew() {
    try (Rig rig = Rig.limited(20)) {
      rig.fail(GREET, refused());
      rig.pass(2);
      rig.fail(GREET, refused());
      rig.pass(16);
      rig.answer(GREET);
      rig.pass(4.9);

      Decision resumed = rig.fail(GREET, refused());

      assertThat(resumed.gaveUp()).isNull();
      assertThat(resumed.delay()).hasSeconds(8);
      OutageState.Outage outage = (OutageState.Outage) rig.signal.state();
      assertThat(outage.attempts()).isEqualTo(3);
      assertThat(outage.elapsed()).isZero();
      assertThat(outage.lasting()).hasMillis(22_900);
      rig.pass(20);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
      rig.pass(10);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNotNull();
    }
  }

  @Test
  void anOutageThatSurvivesItsRampIsOverAndTheNextStartsAfresh() {
    try (Rig rig = Rig.limited(20)) {
      rig.fail(GREET, refused());
      rig.pass(15);
      rig.answer(GREET);
      rig.pass(5);
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Healthy.class);

      assertThat(rig.fail(GREET, refused()).delay()).hasSeconds(2);
      OutageState.Outage outage = (OutageState.Outage) rig.signal.state();
      assertThat(outage.attempts()).isEqualTo(1);
      assertThat(outage.lasting()).isZero();
    }
  }

  @Test
  void theStateHealsByItselfAtTheEndOfTheRampThoughNobodyCalls() {
    try (Rig rig = Rig.of(spec -> spec.ramp(Duration.ZERO))) {
      rig.fail(GREET, refused());
      rig.pass(1);
      rig.answer(GREET);
      rig.pass(0);
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Healthy.class);
      assertThat(rig.lines()).hasSize(2);
    }
  }

  @Test
  void aCallThatHungSinceBeforeTheRecoveryOpensNoSecondOutage() {
    try (Rig rig = Rig.never()) {
      rig.pass(1);
      long hung = rig.now();
      rig.pass(1);
      rig.fail(GREET, refused());
      rig.pass(2);
      rig.answer(GREET);
      rig.signal.onFailure(GREET, refused(), hung);
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Ramping.class);
      rig.pass(30);
      Decision late = rig.signal.onFailure(GREET, refused(), hung);
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Healthy.class);
      assertThat(late.delay()).isPositive();
      assertThat(late.warned()).isFalse();
    }
  }

  @Test
  void theOthersThatFailWithTheFirstCountForNothing() {
    try (Rig rig = Rig.never()) {
      long begun = rig.now();
      rig.pass(1);
      for (int call = 0; call < 50; call++) {
        assertThat(rig.signal.onFailure(GREET, refused(), begun).delay()).hasSeconds(2);
      }
      assertThat(((OutageState.Outage) rig.signal.state()).attempts()).isEqualTo(1);
    }
  }

  @Test
  void theDelayDoublesUpToTheCap() {
    try (Rig rig = Rig.never()) {
      for (int seconds : new int[] {2, 4, 8, 10, 10, 10}) {
        Decision decision = rig.fail(GREET, refused());
        assertThat(decision.delay()).hasSeconds(seconds);
        rig.pass(seconds);
      }
    }
  }

  @Test
  void whatTheServerAsksForIsHonouredAndClamped() {
    try (Rig rig = Rig.of(spec -> spec.maxRetryAfter(Duration.ofSeconds(30)))) {
      assertThat(rig.fail(GREET, busy().withRetryAfter(Duration.ofSeconds(25))).delay())
          .isBetween(Duration.ofSeconds(25), Duration.ofSeconds(26));
      rig.pass(30);
      assertThat(rig.fail(GREET, busy().withRetryAfter(Duration.ofDays(100_000))).delay())
          .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(32));
      rig.pass(40);
      assertThat(rig.fail(GREET, busy().withRetryAfter(Duration.ofSeconds(-5))).delay())
          .hasSeconds(8);
      rig.pass(40);
      assertThat(rig.fail(GREET, busy().withRetryAfter(Duration.ZERO)).delay()).hasSeconds(10);
    }
  }

  @Test
  void whileAnotherRegionAnswersNothingGivesUpAndTheClockStartsWhenItStops() {
    boolean[] answers = {true};
    try (Rig rig =
        Rig.of(
            spec -> spec.giveUpAfter(Duration.ofSeconds(100)).region("west", () -> answers[0]))) {
      for (int i = 0; i < 100; i++) {
        assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
        rig.pass(10);
      }
      answers[0] = false;
      rig.pass(80);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
      rig.pass(20);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNotNull();
    }
  }

  @Test
  void twoServersOutagesDoNotMix() {
    try (Rig east = Rig.limited(10);
        Rig west = Rig.limited(10)) {
      east.fail(GREET, refused());
      west.fail(GREET, noSuch());
      east.pass(11);
      east.fail(GREET, refused());

      assertThat(east.signal.state()).isInstanceOf(OutageState.GaveUp.class);
      assertThat(west.signal.state()).isInstanceOf(OutageState.Healthy.class);
      assertThat(west.ask(GREET).passes).hasSize(1);
    }
  }

  @Test
  void whileHealthyASuccessChangesNothingAtAll() {
    try (Rig rig = Rig.never()) {
      Situation before = rig.signal.situation();
      for (int i = 0; i < 100; i++) {
        rig.answer(GREET);
        assertThat(rig.signal.isOpen()).isTrue();
      }
      assertThat(rig.signal.situation()).isSameAs(before);
    }
  }
}
