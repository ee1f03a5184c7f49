package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** When leases are extended. */
@Timeout(60)
class LeaseKeeperTest {

  private final LeaseRig rig = new LeaseRig();

  private void serverIsOut() {
    rig.onExtend = lease -> Mono.error(LeaseRig.failure(ServerFailure.Kind.UNREACHABLE));
    rig.onFind = lease -> Mono.error(LeaseRig.failure(ServerFailure.Kind.UNREACHABLE));
  }

  private void serverIsBack() {
    rig.onExtend = lease -> Mono.empty();
    rig.onFind = lease -> Mono.just(LeaseRig.held(lease));
  }

  @ParameterizedTest
  @CsvSource({"3600,2880000", "100,80000", "60,45000", "30,15000", "10,5000", "1,500"})
  void beatsAtEightTenthsOfTheTimeoutOrOneCallBeforeItsEnd(long timeout, long beat) {
    rig.keep(timeout);

    rig.advanceTo(3 * beat + 10);

    assertThat(LeaseRig.gaps(rig.extensions)).containsExactly(beat, beat, beat);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -10_000_000_000L, Long.MAX_VALUE - 10_000_000_000L})
  void beatsAcrossTheWrapOfTheClock(long start) {
    LeaseRig wrapped = new LeaseRig(() -> 0, start);
    Kept kept = wrapped.run(60);

    wrapped.advanceTo(100_000);

    assertThat(wrapped.extensions).containsExactly(45_000L, 90_000L);
    assertThat(kept.isOverdue()).isFalse();
    assertThat(wrapped.losses).isEmpty();
  }

  @Test
  void countsFromTheBeginOfTheLastExtension() {
    rig.onExtend = lease -> Mono.delay(Duration.ofSeconds(3), rig).then();
    rig.keep(60);

    rig.advanceTo(100_000);

    assertThat(rig.extensions).containsExactly(45_000L, 90_000L);
  }

  @Test
  void beatsSoonerByJitterNeverLater() {
    LeaseRig jittered = new LeaseRig(() -> 0.5);
    jittered.keep(60);

    jittered.advanceTo(45_000);

    assertThat(jittered.extensions).containsExactly(40_500L);
  }

  @Test
  void triesAgainTheSoonerTheNearerTheLapseIs() {
    serverIsOut();
    rig.keep(60);

    rig.advanceTo(60_000);

    List<Long> pauses = LeaseRig.gaps(rig.extensions);
    assertThat(pauses)
        .startsWith(45_000L, 3_750L)
        .isSortedAccordingTo((a, b) -> Long.compare(b, a));
    assertThat(pauses).last().isEqualTo(1_000L);
    assertThat(rig.extensions)
        .last()
        .satisfies(last -> assertThat(last).isBetween(59_000L, 60_000L));
  }

  @Test
  void triesAtLeastEveryThirtySecondsWhileALongLeaseFails() {
    serverIsOut();
    rig.keep(3_600);
    rig.advanceTo(3_000_000);

    assertThat(LeaseRig.gaps(rig.extensions)).startsWith(2_880_000L, 30_000L, 30_000L);
  }

  @ParameterizedTest
  @EnumSource(names = {"UNREACHABLE", "OVERLOADED", "BROKEN", "UNAUTHORIZED"})
  void goesOnOnceTheServerIsBackBeforeTheLapse(ServerFailure.Kind kind) {
    rig.onExtend = lease -> Mono.error(LeaseRig.failure(kind));
    Kept kept = rig.run(60);
    rig.advanceTo(50_000);
    rig.extensions.clear();

    serverIsBack();
    rig.advanceTo(100_000);

    assertThat(rig.extensions).hasSize(2);
    assertThat(rig.extensions.get(1) - rig.extensions.get(0)).isEqualTo(45_000L);
    assertThat(kept.isOverdue()).isFalse();
    assertThat(rig.losses).isEmpty();
  }

  @Test
  void takesACallThatFailsWithoutATypeForAFailureLikeAnyOther() {
    rig.onExtend = lease -> Mono.error(new IllegalStateException("bug"));
    rig.keep(60);

    rig.advanceTo(55_000);

    assertThat(rig.extensions).hasSizeGreaterThan(2);
  }

  @Test
  void extendsNothingAndIsNeverOverdueWhereTheServerWaitsForEver() {
    Kept kept = rig.run(0, Duration.ofDays(2));

    rig.advance(Duration.ofDays(1));

    assertThat(rig.extensions).isEmpty();
    assertThat(kept.isOverdue()).isFalse();
    assertThat(rig.lookUps).startsWith(30_000L, 60_000L);
  }

  @Test
  void beginsNoExtensionThatTheHardLimitMakesUseless() {
    Lease lease = rig.lease("t", 10, task -> task.hardTimeout(Duration.ofSeconds(30)));
    Kept kept = rig.keeper.keep(lease);

    rig.advanceTo(29_999);
    assertThat(kept.isOverdue()).isFalse();
    rig.advanceTo(200_000);

    assertThat(rig.extensions).containsExactly(5_000L, 10_000L, 15_000L, 20_000L);
    assertThat(kept.isOverdue()).isTrue();
  }

  @Test
  void beginsNoCallPastTheHardLimitThoughTheServerIsBack() {
    serverIsOut();
    Lease lease = rig.lease("t", 10, task -> task.hardTimeout(Duration.ofSeconds(16)));
    rig.keeper.keep(lease);
    rig.advanceTo(16_000);
    int extended = rig.extensions.size();
    int lookedUp = rig.lookUps.size();
    assertThat(lookedUp).isPositive();

    serverIsBack();
    rig.advanceTo(100_000);

    assertThat(rig.extensions).hasSize(extended);
    assertThat(rig.lookUps).hasSize(lookedUp);
  }

  @Test
  void keepsWhatWaitsForAPlaceAndWhatWaitsForItsRecordButLooksNeitherUp() {
    rig.keep(60);
    rig.run(60).finished();
    Kept neverRun = rig.keep(60);
    neverRun.finished();

    rig.advanceTo(100_000);

    assertThat(rig.extensions).hasSize(6);
    assertThat(rig.lookUps).isEmpty();
  }

  @Test
  void keepsALeaseUntilItsHandlersDeadlineAndThenOnlyOnceItHasEnded() {
    Kept kept = rig.run(60, Duration.ofSeconds(100));
    rig.advanceTo(140_000);
    assertThat(rig.extensions).containsExactly(45_000L, 90_000L);

    kept.finished();
    rig.advanceTo(150_000);

    assertThat(rig.extensions).hasSize(3);
    assertThat(rig.extensions.get(2)).isBetween(140_000L, 140_050L);
  }

  @Test
  void beginsNothingAfterTheEnd() {
    Kept kept = rig.run(60);
    rig.advanceTo(44_999);
    rig.lookUps.clear();

    kept.end();
    kept.end();
    kept.finished();
    kept.running(Long.MAX_VALUE, rig.losses::add);
    rig.advance(Duration.ofHours(2));

    assertThat(rig.extensions).isEmpty();
    assertThat(rig.lookUps).isEmpty();
    assertThat(rig.losses).isEmpty();
    assertThat(rig.keeper.size()).isZero();
  }

  @Test
  void takesAnExtensionBackThatWaitsForTheServerWhenTheLeaseEnds() {
    Sinks.Empty<Void> back = Sinks.empty();
    Kept kept = rig.keep(60);
    rig.advanceTo(50_000);
    rig.gate = back.asMono();
    rig.advanceTo(95_000);
    assertThat(back.currentSubscriberCount()).isEqualTo(1);

    kept.end();

    assertThat(back.currentSubscriberCount()).isZero();
    back.tryEmitEmpty();
    assertThat(rig.extensions).containsExactly(45_000L);
  }

  @Test
  void leavesAnExtensionThatIsUnderWayToItsEnd() {
    rig.onExtend = lease -> Mono.never();
    Kept kept = rig.keep(60);
    rig.advanceTo(50_000);

    kept.end();

    assertThat(rig.underWay).hasValue(1);
  }

  @Test
  void isQuietAtOnceIfNoExtensionIsUnderWay() {
    Sinks.Empty<Void> back = Sinks.empty();
    rig.gate = back.asMono();
    Kept waits = rig.keep(60);
    rig.advanceTo(50_000);
    Kept fresh = rig.keep(60);

    waits.quiet().as(StepVerifier::create).verifyComplete();
    fresh.quiet().as(StepVerifier::create).verifyComplete();

    back.tryEmitEmpty();
    rig.advance(Duration.ofHours(1));
    assertThat(rig.extensions).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isQuietOnceTheExtensionThatIsUnderWayHasEnded(boolean well) {
    Sinks.Empty<Void> answer = Sinks.empty();
    rig.onExtend = lease -> answer.asMono();
    Kept kept = rig.keep(60);
    rig.advanceTo(50_000);
    AtomicInteger quiet = new AtomicInteger();

    Mono<Void> cold = kept.quiet();
    assertThat(kept.isEnded()).isFalse();
    cold.doOnSuccess(done -> quiet.incrementAndGet()).subscribe();
    assertThat(kept.isEnded()).isTrue();
    assertThat(quiet).hasValue(0);
    if (well) {
      answer.tryEmitEmpty();
    } else {
      answer.tryEmitError(LeaseRig.failure(ServerFailure.Kind.UNREACHABLE));
    }

    assertThat(quiet).hasValue(1);
    rig.advance(Duration.ofHours(1));
    assertThat(rig.extensions).hasSize(1);
    kept.quiet().as(StepVerifier::create).verifyComplete();
  }

  @Test
  void extendsSixteenAtOnceAndTheNearestLapseFirst() {
    Sinks.Empty<Void> answer = Sinks.empty();
    rig.onExtend = lease -> answer.asMono();
    List<Kept> first =
        IntStream.range(0, 16)
            .mapToObj(n -> rig.keeper.keep(rig.lease("first" + n, 60, task -> task)))
            .toList();
    rig.advanceTo(46_000);
    assertThat(first).hasSize(16);
    assertThat(rig.underWay).hasValue(16);
    rig.keeper.keep(rig.lease("slow", 200, task -> task));
    rig.keeper.keep(rig.lease("quick", 30, task -> task));
    rig.keeper.keep(rig.lease("ended", 20, task -> task)).end();
    rig.keeper.keep(rig.lease("medium", 100, task -> task));
    rig.advanceTo(230_000);
    assertThat(rig.extended).hasSize(16);

    rig.onExtend = lease -> Mono.empty();
    answer.tryEmitEmpty();

    assertThat(rig.mostUnderWay).hasValue(16);
    // "quick" and "medium" have lapsed by then, and are looked up first.
    assertThat(rig.extended.subList(16, 19)).containsExactly("quick", "medium", "slow");
  }

  @Test
  void endsEverythingAtOnceWhenItIsClosed() {
    rig.onExtend = lease -> Mono.never();
    rig.onFind = lease -> Mono.never();
    Kept kept = rig.run(60);
    rig.advanceTo(50_000);
    assertThat(rig.underWay).hasValue(2);
    AtomicInteger quiet = new AtomicInteger();
    kept.quiet().doOnSuccess(done -> quiet.incrementAndGet()).subscribe();

    rig.keeper.close();

    assertThat(rig.underWay).hasValue(0);
    assertThat(quiet).hasValue(1);
    rig.run(60);
    rig.advance(Duration.ofHours(1));
    assertThat(rig.extensions).hasSize(1);
    assertThat(rig.lookUps).hasSize(1);
    assertThat(rig.losses).isEmpty();
  }

  @Test
  void givesUpItsTurnIfTheHardLimitPassesWhileItWaits() {
    Sinks.Empty<Void> back = Sinks.empty();
    rig.gate = back.asMono();
    rig.keeper.keep(rig.lease("t", 60, task -> task.hardTimeout(Duration.ofSeconds(65))));
    rig.advance(Duration.ofSeconds(70));

    back.tryEmitEmpty();
    rig.advance(Duration.ofHours(1));

    assertThat(rig.extensions).isEmpty();
    assertThat(rig.lookUps).isEmpty();
    assertThat(rig.now(TimeUnit.SECONDS)).isEqualTo(3_670);
  }
}
