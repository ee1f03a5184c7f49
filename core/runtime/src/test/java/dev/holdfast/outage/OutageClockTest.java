package dev.holdfast.outage;

import static dev.holdfast.outage.Rig.GREET;
import static dev.holdfast.outage.Rig.noSuch;
import static dev.holdfast.outage.Rig.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.outage.Rig.Caller;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A clock that jumps, or starts anywhere. */
@Timeout(60)
class OutageClockTest {

  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void aLaptopThatSleptForAnHourInAnOutageGoesOnCountingWhereItWas() {
    try (Rig rig = Rig.limited(120)) {
      rig.fail(GREET, refused());
      rig.pass(2);
      rig.fail(GREET, refused());
      Caller waiting = rig.ask(GREET);
      rig.clock.jump(HOUR);
      rig.pass(4);
      assertThat(waiting.pass().begin()).isTrue();
      assertThat(waiting.pass().failed(refused()).gaveUp()).isNull();
      OutageState.Outage outage = (OutageState.Outage) rig.signal.state();
      assertThat(outage.elapsed()).isLessThan(Duration.ofSeconds(20));
      rig.pass(121);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNotNull();
    }
  }

  @Test
  void aCallThatFailsBeforeTheTimerLooksIsNotTakenForAnHourOfOutageEither() {
    try (Rig rig = Rig.limited(120)) {
      rig.fail(GREET, refused());
      rig.pass(1);
      rig.clock.jump(HOUR);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
      rig.pass(11);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
      OutageState.Outage outage = (OutageState.Outage) rig.signal.state();
      assertThat(outage.elapsed()).isLessThan(Duration.ofSeconds(40));
    }
  }

  @Test
  void aCallThatBeganBeforeTheJumpIsNoProbeAfterIt() {
    try (Rig rig = Rig.limited(120)) {
      rig.fail(GREET, refused());
      Caller probe = rig.ask(GREET);
      Caller next = rig.ask(GREET);
      rig.pass(2);
      probe.pass().begin();
      long attempts = ((OutageState.Outage) rig.signal.state()).attempts();
      rig.clock.jump(HOUR);
      assertThat(probe.pass().failed(refused()).gaveUp()).isNull();
      assertThat(((OutageState.Outage) rig.signal.state()).attempts()).isEqualTo(attempts);
      rig.pass(10);
      assertThat(next.passes).as("the permit came back").hasSize(1);
    }
  }

  @Test
  void theClocksOfChannelsMoveAlong() {
    try (Rig rig = Rig.limited(120)) {
      rig.fail(GREET, noSuch());
      rig.pass(2);
      rig.clock.jump(HOUR);
      rig.pass(10);
      assertThat(rig.fail(GREET, noSuch()).gaveUp()).isNull();
      rig.pass(121);
      assertThat(rig.fail(GREET, noSuch()).gaveUp()).isNotNull();
    }
  }

  @Test
  void nobodyWaitsForAnHourBecauseTheClockWentBack() {
    try (Rig rig = Rig.limited(120)) {
      rig.fail(GREET, refused());
      Caller waiting = rig.ask(GREET);
      rig.clock.jump(HOUR.negated());
      rig.pass(2);
      assertThat(waiting.pass().begin()).isTrue();
      waiting.pass().succeeded();
      rig.pass(5);
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Healthy.class);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 5_000_000_000L})
  void theClockMayStartAnywhereAndWrapAround(long start) {
    Rig.Clock clock = new Rig.Clock();
    clock.jump(Duration.ofNanos(start));
    try (Rig rig =
        Rig.of(spec -> spec.scheduler(() -> clock).giveUpAfter(Duration.ofSeconds(30)))) {
      rig.signal.onFailure(GREET, refused(), clock.now(java.util.concurrent.TimeUnit.NANOSECONDS));
      Caller probe = rig.ask(GREET);
      clock.time.advanceTimeBy(Duration.ofMillis(1_999));
      assertThat(probe.passes).isEmpty();
      clock.time.advanceTimeBy(Duration.ofMillis(1));
      assertThat(probe.pass().begin()).isTrue();
      clock.time.advanceTimeBy(Duration.ofSeconds(15));
      assertThat(probe.pass().failed(refused()).gaveUp()).isNull();
      Caller next = rig.ask(GREET);
      clock.time.advanceTimeBy(Duration.ofSeconds(4));
      next.pass().begin();
      next.pass().succeeded();
      clock.time.advanceTimeBy(Duration.ofSeconds(5));
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Healthy.class);
    }
  }
}
