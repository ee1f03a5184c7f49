package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.worker.Kept.Loss;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What a lease keeper tells a handler, and when. */
@Timeout(60)
class LeaseLossTest {

  private static final Mono<Void> NO_EXTENSION =
      Mono.error(LeaseRig.failure(ServerFailure.Kind.UNREACHABLE));
  private static final Mono<TaskState> NO_STATE =
      Mono.error(LeaseRig.failure(ServerFailure.Kind.UNREACHABLE));

  private final LeaseRig rig = new LeaseRig();

  private void serverIsOut() {
    rig.onExtend = lease -> NO_EXTENSION;
    rig.onFind = lease -> NO_STATE;
  }

  private void serverIsBack() {
    rig.onExtend = lease -> Mono.empty();
    rig.onFind = lease -> Mono.just(LeaseRig.held(lease));
  }

  private void taskIsGone() {
    rig.onExtend = lease -> Mono.empty();
    rig.onFind = lease -> Mono.empty();
  }

  @ParameterizedTest
  @CsvSource({"3600,30000", "60,30000", "30,15000", "10,5000", "0,30000"})
  void looksARunningTaskUpEveryThirtySecondsOrBeat(long timeout, long every) {
    rig.run(timeout);

    rig.advanceTo(3 * every + 200);

    assertThat(LeaseRig.gaps(rig.lookUps)).hasSize(3).allMatch(gap -> gap - every <= 50);
    assertThat(rig.urgency).containsOnly(false);
    assertThat(rig.losses).isEmpty();
  }

  @Test
  void looksATaskUpNoMoreOnceItsHandlerHasEnded() {
    Kept kept = rig.run(60);
    rig.advanceTo(29_999);

    kept.finished();
    rig.advanceTo(100_000);

    assertThat(rig.lookUps).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "TIMED_OUT,3,worker-1",
    "CANCELED,3,worker-1",
    "COMPLETED,3,worker-1",
    "CANCELED,2,worker-1",
    "SCHEDULED,3,worker-1",
    "IN_PROGRESS,4,worker-1",
    "IN_PROGRESS,3,worker-2"
  })
  void tellsOnceThatATaskIsNotOursAndLeavesItAlone(TaskStatus status, int polls, String worker) {
    rig.onFind = lease -> Mono.just(LeaseRig.state(lease, status, polls, worker));
    Kept kept = rig.run(60);

    rig.advance(Duration.ofMinutes(30));

    assertThat(rig.losses).containsExactly(Loss.NOT_OURS);
    assertThat(rig.lookUps).containsExactly(30_000L);
    assertThat(rig.extensions).isEmpty();
    assertThat(kept.isOverdue()).isTrue();
  }

  @Test
  void tellsThatATaskIsNotOursIfTheServerDoesNotKnowIt() {
    taskIsGone();
    rig.run(60);

    rig.advanceTo(31_000);

    assertThat(rig.losses).containsExactly(Loss.NOT_OURS);
  }

  @Test
  void takesAnAnswerThatIsOlderThanTheLeaseForNone() {
    rig.onFind = lease -> Mono.just(LeaseRig.state(lease, TaskStatus.SCHEDULED, 2, "worker-2"));
    rig.run(60);

    rig.advanceTo(65_000);

    assertThat(rig.lookUps).hasSize(2);
    assertThat(rig.losses).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"UNREACHABLE", "REJECTED"})
  void takesALookUpThatFailsForNoAnswer(ServerFailure.Kind kind) {
    rig.onFind = lease -> Mono.error(LeaseRig.failure(kind));
    Kept kept = rig.run(60);

    rig.advanceTo(95_000);

    assertThat(rig.lookUps).hasSize(3);
    assertThat(rig.losses).isEmpty();
    assertThat(kept.isOverdue()).isFalse();
  }

  @Test
  void takesNoNoticeOfAnAnswerThatComesAfterTheHandlerHasEnded() {
    Sinks.One<TaskState> answer = Sinks.one();
    rig.onFind = lease -> answer.asMono();
    Kept kept = rig.run(60);
    rig.advanceTo(31_000);
    assertThat(rig.lookUps).hasSize(1);

    kept.finished();
    Lease own = rig.lease("t", 60, task -> task);
    answer.tryEmitValue(LeaseRig.state(own, TaskStatus.COMPLETED, 3, LeaseRig.WORKER));
    rig.advanceTo(50_000);

    assertThat(rig.losses).isEmpty();
    assertThat(kept.isOverdue()).isFalse();
    assertThat(rig.extensions).hasSize(1);
  }

  @Test
  void tellsThatATaskIsNotOursIfItsExtensionIsRejected() {
    rig.onExtend = lease -> Mono.error(LeaseRig.failure(ServerFailure.Kind.REJECTED));
    Kept kept = rig.run(60);

    rig.advance(Duration.ofMinutes(30));

    assertThat(rig.losses).containsExactly(Loss.NOT_OURS);
    assertThat(rig.extensions).containsExactly(45_000L);
    assertThat(kept.isOverdue()).isTrue();
  }

  @Test
  void tellsAHandlerThatStartsOnATaskThatWasLostBefore() {
    rig.onExtend = lease -> Mono.error(LeaseRig.failure(ServerFailure.Kind.REJECTED));
    Kept kept = rig.keep(60);
    rig.advanceTo(50_000);
    assertThat(rig.losses).isEmpty();

    rig.start(kept, Duration.ofHours(1));
    rig.advance(Duration.ofMillis(50));

    assertThat(rig.losses).containsExactly(Loss.NOT_OURS);
  }

  @Test
  void tellsInAnOutageThatALeaseIsOverdueAsItLapses() {
    serverIsOut();
    Kept kept = rig.run(60);
    rig.advanceTo(59_999);
    assertThat(rig.losses).isEmpty();
    assertThat(kept.isOverdue()).isFalse();

    rig.advanceTo(60_050);

    assertThat(kept.isOverdue()).isTrue();
    rig.advance(Duration.ofHours(1));
    assertThat(rig.losses).containsExactly(Loss.OVERDUE);
  }

  @Test
  void tellsThatALeaseIsOverdueThoughItsExtensionIsUnderWay() {
    rig.onExtend = lease -> Mono.never();
    rig.run(60);

    rig.advanceTo(60_050);

    assertThat(rig.losses).containsExactly(Loss.OVERDUE);
  }

  @Test
  void looksAnOverdueLeaseUpAndExtendsItIfItIsStillOurs() {
    serverIsOut();
    Kept kept = rig.run(60);
    rig.advanceTo(100_000);
    rig.extensions.clear();
    rig.lookUps.clear();
    rig.urgency.clear();

    serverIsBack();
    rig.advanceTo(110_000);

    assertThat(rig.lookUps).hasSize(1);
    assertThat(rig.urgency).containsExactly(true);
    assertThat(rig.extensions).isEqualTo(rig.lookUps);
    assertThat(kept.isOverdue()).isFalse();
    assertThat(rig.losses).containsExactly(Loss.OVERDUE);
  }

  @Test
  void neverExtendsAnOverdueLeaseThatIsNotOurs() {
    serverIsOut();
    Kept kept = rig.keep(60);
    rig.advanceTo(100_000);
    rig.extensions.clear();

    taskIsGone();
    rig.advance(Duration.ofHours(1));

    assertThat(rig.extensions).isEmpty();
    assertThat(kept.isOverdue()).isTrue();
  }

  @Test
  void looksALeaseUpThatLapsedWhileItsExtensionWaitedForTheServer() {
    Sinks.Empty<Void> back = Sinks.empty();
    rig.gate = back.asMono();
    rig.keep(60);
    rig.advanceTo(200_000);

    taskIsGone();
    back.tryEmitEmpty();
    rig.advance(Duration.ofHours(1));

    assertThat(rig.lookUps).hasSize(1);
    assertThat(rig.extensions).isEmpty();
  }

  @Test
  void goesOnAfterASuspendIfTheTaskIsStillOurs() {
    Kept kept = rig.run(60);
    rig.advanceTo(10_000);
    assertThat(kept.isOverdue()).isFalse();

    rig.suspend(Duration.ofHours(1), Duration.ofSeconds(20));
    rig.advance(Duration.ofMillis(50));

    assertThat(rig.urgency).startsWith(true);
    assertThat(rig.extensions).containsExactly(3_610_000L);
    rig.advance(Duration.ofMinutes(1));
    assertThat(kept.isOverdue()).isFalse();
    assertThat(rig.losses).isEmpty();
  }

  @Test
  void tellsAfterASuspendThatATaskIsNotOurs() {
    Kept kept = rig.run(60);
    rig.advanceTo(10_000);
    taskIsGone();

    rig.suspend(Duration.ofHours(1), Duration.ofSeconds(20));
    assertThat(kept.isOverdue()).isTrue();
    rig.advance(Duration.ofMillis(50));

    assertThat(rig.losses).containsExactly(Loss.NOT_OURS);
    assertThat(rig.extensions).isEmpty();
  }

  @Test
  void tellsAfterASuspendThatALeaseIsOverdueIfNobodyAnswersForOneCall() {
    rig.run(60);
    rig.advanceTo(10_000);
    serverIsOut();

    rig.suspend(Duration.ofHours(1), Duration.ofSeconds(20));
    rig.advance(Duration.ofMillis(14_900));
    assertThat(rig.losses).isEmpty();
    assertThat(rig.lookUps).hasSizeGreaterThan(1);
    rig.advance(Duration.ofMillis(200));

    assertThat(rig.losses).containsExactly(Loss.OVERDUE);
  }

  @Test
  void grantsNoTimeToAHandlerThatStartsOnALeaseThatLapsedInAnOutage() {
    serverIsOut();
    Kept kept = rig.keep(60);
    rig.advanceTo(100_000);

    rig.start(kept, Duration.ofHours(1));
    rig.advance(Duration.ofMillis(100));

    assertThat(rig.losses).containsExactly(Loss.OVERDUE);
  }

  @Test
  void extendsAtOnceAfterASuspendWithinTheTimeout() {
    Kept kept = rig.keep(60);
    rig.advanceTo(40_000);

    rig.suspend(Duration.ofSeconds(15), Duration.ofSeconds(5));

    assertThat(rig.extensions).containsExactly(55_000L);
    assertThat(rig.lookUps).isEmpty();
    assertThat(kept.isOverdue()).isFalse();
  }

  @Test
  void trustsNoAnswerToACallFromBeforeASuspend() {
    Sinks.Empty<Void> extension = Sinks.empty();
    rig.onExtend = lease -> extension.asMono();
    Kept kept = rig.keep(60);
    rig.advanceTo(46_000);
    assertThat(rig.extensions).hasSize(1);

    taskIsGone();
    rig.keeper.suspectAll();
    extension.tryEmitEmpty();
    assertThat(kept.isOverdue()).isTrue();
    rig.advance(Duration.ofSeconds(10));

    assertThat(rig.lookUps).hasSize(1);
    assertThat(rig.extensions).hasSize(1);
    assertThat(kept.isOverdue()).isTrue();
  }

  @Test
  void extendsNothingOnTheStrengthOfALookUpFromBeforeASuspend() {
    serverIsOut();
    rig.keep(60);
    rig.advanceTo(60_100);
    rig.extensions.clear();
    Sinks.One<TaskState> state = Sinks.one();
    rig.onFind = lease -> state.asMono();
    rig.advance(Duration.ofSeconds(6));
    assertThat(state.currentSubscriberCount()).isEqualTo(1);

    taskIsGone();
    rig.keeper.suspectAll();
    state.tryEmitValue(LeaseRig.held(rig.lease("t", 60, task -> task)));
    rig.advance(Duration.ofMinutes(10));

    assertThat(rig.extensions).isEmpty();
  }

  @Test
  void looksEveryLeaseUpIfTheMachineWasSuspendedAndTheClockDoesNotShowIt() {
    Kept running = rig.run(60);
    Kept waiting = rig.keep(3_600);
    Kept forEver = rig.keep(0);
    rig.advanceTo(10_000);

    rig.keeper.suspectAll();

    assertThat(List.of(running, waiting)).noneMatch(Kept::isOverdue);
    assertThat(forEver.isOverdue()).isFalse();
    assertThat(rig.lookUps).containsExactly(10_000L, 10_000L);
    assertThat(rig.urgency).containsOnly(true);
    assertThat(rig.extensions).hasSize(2);
    rig.advance(Duration.ofSeconds(40));
    assertThat(rig.losses).isEmpty();
  }

  @Test
  void tellsIfNobodyAnswersAfterASuspendThatTheClockDoesNotShow() {
    serverIsOut();
    Kept kept = rig.run(60);
    rig.advanceTo(10_000);

    rig.keeper.suspectAll();

    assertThat(kept.isOverdue()).isTrue();
    rig.advance(Duration.ofMillis(14_900));
    assertThat(rig.losses).isEmpty();
    rig.advance(Duration.ofMillis(200));
    assertThat(rig.losses).containsExactly(Loss.OVERDUE);
  }

  @Test
  void isOverdueAtTheHardLimitThoughTheServerWaitsForEverUntilThen() {
    Kept kept =
        rig.keeper.keep(rig.lease("t", 0, task -> task.hardTimeout(Duration.ofSeconds(40))));
    rig.start(kept, Duration.ofSeconds(25));
    rig.advanceTo(39_999);
    assertThat(kept.isOverdue()).isFalse();
    assertThat(rig.losses).isEmpty();

    rig.advanceTo(40_100);

    assertThat(kept.isOverdue()).isTrue();
    assertThat(rig.losses).containsExactly(Loss.OVERDUE);
  }
}
