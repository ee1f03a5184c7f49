package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.util.RaceTestUtils;

/** Leases that end, and handlers that end, at awkward moments. */
@Timeout(120)
class LeaseKeeperRaceTest {

  private static final int ROUNDS = 1_000;

  /** Its beat is due just then, or the server that it waits for comes back. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void beginsNoExtensionOnceTheEndHasReturned(boolean waits) {
    for (int round = 0; round < ROUNDS; round++) {
      LeaseRig rig = new LeaseRig();
      Sinks.Empty<Void> back = Sinks.empty();
      rig.onExtend = lease -> Mono.never();
      rig.gate = waits ? back.asMono() : Mono.empty();
      Kept kept = rig.keep(60);
      rig.advanceTo(waits ? 45_000 : 44_999);

      RaceTestUtils.race(
          () -> {
            rig.advance(Duration.ofMillis(1));
            back.tryEmitEmpty();
          },
          () -> {
            kept.end();
            rig.ended = true;
          });

      rig.advance(Duration.ofHours(1));
      assertThat(rig.begunLate).as("round %s", round).isFalse();
      assertThat(rig.extensions.size()).isLessThanOrEqualTo(1);
      assertThat(rig.keeper.size()).isZero();
    }
  }

  /** The server must not see an extension after the release that waited for the quiet. */
  @Test
  void isQuietOnlyOnceNoExtensionIsUnderWay() {
    for (int round = 0; round < ROUNDS; round++) {
      LeaseRig rig = new LeaseRig();
      Sinks.Empty<Void> answer = Sinks.empty();
      rig.onExtend = lease -> answer.asMono();
      AtomicInteger underWay = new AtomicInteger(-1);
      Kept kept = rig.keep(60);
      rig.advanceTo(44_999);

      RaceTestUtils.race(
          () -> rig.advance(Duration.ofMillis(1)),
          () -> kept.quiet().doOnSuccess(done -> underWay.set(rig.underWay.get())).subscribe(),
          answer::tryEmitEmpty);

      rig.advance(Duration.ofHours(1));
      assertThat(underWay).as("round %s", round).hasValue(0);
      assertThat(rig.extensions.size()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void becomesQuietThoughTheExtensionEndsJustThen() {
    for (int round = 0; round < ROUNDS; round++) {
      LeaseRig rig = new LeaseRig();
      Sinks.Empty<Void> answer = Sinks.empty();
      rig.onExtend = lease -> answer.asMono();
      Kept kept = rig.keep(60);
      rig.advanceTo(46_000);
      AtomicInteger quiet = new AtomicInteger();

      RaceTestUtils.race(
          () -> kept.quiet().doOnSuccess(done -> quiet.incrementAndGet()).subscribe(),
          answer::tryEmitEmpty);

      assertThat(quiet).as("round %s", round).hasValue(1);
    }
  }

  @Test
  void tellsALossOnceOrNotAtAllIfTheHandlerEndsJustThen() {
    for (int round = 0; round < ROUNDS; round++) {
      LeaseRig rig = new LeaseRig();
      Sinks.One<TaskState> state = Sinks.one();
      rig.onFind = lease -> state.asMono();
      rig.onExtend = lease -> Mono.error(LeaseRig.failure(ServerFailure.Kind.REJECTED));
      Kept kept = rig.run(60);
      rig.advanceTo(44_999);

      RaceTestUtils.race(
          state::tryEmitEmpty, () -> rig.advance(Duration.ofMillis(1)), kept::finished);

      rig.advance(Duration.ofHours(1));
      assertThat(rig.losses.size()).as("round %s", round).isLessThanOrEqualTo(1);
      assertThat(kept.isOverdue()).isTrue();
    }
  }

  @Test
  void losesNoBeatOfALeaseThatComesWhileTheOthersAreLookedAt() {
    for (int round = 0; round < ROUNDS; round++) {
      LeaseRig rig = new LeaseRig();
      List<Kept> kept = new ArrayList<>();
      rig.keep(60);
      rig.advanceTo(44_999);

      RaceTestUtils.race(() -> rig.advance(Duration.ofMillis(1)), () -> kept.add(rig.keep(10)));

      rig.advance(Duration.ofSeconds(30));
      assertThat(kept.get(0).isOverdue()).as("round %s", round).isFalse();
    }
  }
}
