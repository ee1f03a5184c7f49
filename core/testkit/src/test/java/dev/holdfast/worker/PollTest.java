package dev.holdfast.worker;

import static dev.holdfast.worker.WorkerRig.echo;
import static dev.holdfast.worker.WorkerRig.input;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.TaskStatus;
import dev.holdfast.store.InMemoryTaskStore;
import dev.holdfast.testkit.Call;
import dev.holdfast.testkit.CallRecord;
import dev.holdfast.testkit.Fault;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.testkit.RunRecord;
import dev.holdfast.testkit.TaskTypeSpec;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The rules of the poll stage, on virtual time. */
@Timeout(60)
class PollTest {

  @RegisterExtension final LeakGuard leaks = new LeakGuard();

  private final WorkerRig rig = new WorkerRig();

  @Test
  void neverHasMoreLeasedThanItHasSlots() {
    rig.server.submitMany("greet", 200);
    rig.start("greet", 5, rig.takes(Duration.ofMillis(70)));
    rig.advance(Duration.ofSeconds(30));

    assertThat(rig.server.maxUnfinished()).isEqualTo(5);
    rig.server.assertAllCompleted();
    assertThat(rig.finish().completed()).isEqualTo(200);
  }

  @Test
  void asksForNoMoreThanTheSlotsThatAreFree() {
    rig.server.submitMany("greet", 100);
    rig.start("greet", 4, rig.takes(Duration.ofMillis(100)));
    rig.advance(Duration.ofSeconds(10));

    for (CallRecord poll : rig.polls("greet")) {
      assertThat(poll.count() + runningAt(poll.beginMillis()))
          .as("asked for at %d ms, with what ran then", poll.beginMillis())
          .isLessThanOrEqualTo(4);
    }
    rig.finish();
  }

  private long runningAt(long millis) {
    return rig.server.runs().stream()
        .filter(run -> run.beginMillis() < millis)
        .filter(run -> run.endMillis() < 0 || run.endMillis() > millis)
        .count();
  }

  @Test
  void aTypesOwnSlotsBoundItUnderTheWorkersCap() {
    rig.server.submitMany("big", 30);
    rig.server.submitMany("small", 30);
    rig.start(
        WorkerSpec.of(
                TaskSpec.of("big", rig.server.observe(rig.takes(Duration.ofMillis(100)))).slots(2),
                TaskSpec.of("small", rig.server.observe(rig.takes(Duration.ofMillis(100)))))
            .slots(6));
    rig.advance(Duration.ofSeconds(20));

    assertThat(rig.server.maxUnfinished("big")).isEqualTo(2);
    assertThat(rig.server.maxUnfinished()).isEqualTo(6);
    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void anIdleWorkerScoutsWithOneLongPollForOneTask() {
    rig.start("greet", 10, echo());
    rig.advance(Duration.ofSeconds(20));

    assertThat(rig.polls("greet"))
        .hasSizeBetween(9, 11)
        .allSatisfy(
            poll -> {
              assertThat(poll.count()).isEqualTo(1);
              assertThat(poll.longPoll()).isEqualTo(Duration.ofSeconds(2));
            });
    rig.finish();
  }

  @Test
  void sweepsWithoutWaitingForAllFreeSlotsOnceWorkIsThere() {
    rig.start("greet", 10, rig.takes(Duration.ofSeconds(1)));
    rig.advance(Duration.ofSeconds(3));
    long ready = rig.nowMillis();
    rig.server.submitMany("greet", 10);
    rig.advanceMillis(100);

    assertThat(rig.server.runs())
        .hasSize(10)
        .allSatisfy(run -> assertThat(run.beginMillis() - ready).isLessThan(10));
    CallRecord sweep = rig.polls("greet").get(rig.polls("greet").size() - 1);
    assertThat(sweep.longPoll()).isZero();
    assertThat(sweep.count()).isEqualTo(9);
    rig.finish();
  }

  @Test
  void aFreedSlotWakesThePollerInZeroTime() {
    rig.server.submitMany("greet", 6);
    rig.startSendingAlone("greet", 1, rig.takes(Duration.ofMillis(500)));
    rig.advance(Duration.ofSeconds(5));

    List<Long> pollsBegun = rig.polls("greet").stream().map(CallRecord::beginMillis).toList();
    for (RunRecord run : rig.server.runs()) {
      assertThat(pollsBegun).contains(run.endMillis());
    }
    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void fiftyIdleTypesOnTenSlotsAreEachAskedEveryTwoSecondsWithinThirtyRequestsASecond() {
    rig.start(fiftyTypes(10));
    rig.advance(Duration.ofSeconds(60));

    for (int i = 0; i < 50; i++) {
      assertThat(rig.longestGapMillis("t" + i)).as("t%d", i).isBetween(1_000L, 2_000L);
    }
    assertThat(rig.server.requestCount() / 60.0).isLessThanOrEqualTo(30);
    rig.finish();
  }

  @Test
  void fiftyTypesOnOneSlotAreEachAskedEveryTwoSeconds() {
    rig.start(fiftyTypes(1));
    rig.advance(Duration.ofSeconds(60));

    for (int i = 0; i < 50; i++) {
      assertThat(rig.longestGapMillis("t" + i)).as("t%d", i).isLessThanOrEqualTo(2_200L);
    }
    rig.finish();
  }

  @Test
  void neverMoreThanHalfOfTheSlotsWaitAtTheServer() {
    rig.start(fiftyTypes(10));
    rig.advance(Duration.ofSeconds(10));

    assertThat(mostWaitingAtOnce()).isLessThanOrEqualTo(5);
    rig.finish();
  }

  @Test
  void neverMoreThanEightPollsWaitAtTheServer() {
    rig.start(fiftyTypes(100));
    rig.advance(Duration.ofSeconds(10));

    assertThat(mostWaitingAtOnce()).isEqualTo(8);
    rig.finish();
  }

  private long mostWaitingAtOnce() {
    List<CallRecord> scouts =
        rig.server.polls().stream().filter(poll -> !poll.longPoll().isZero()).toList();
    return scouts.stream()
        .mapToLong(
            at ->
                scouts.stream()
                    .filter(poll -> poll.beginMillis() <= at.beginMillis())
                    .filter(poll -> poll.endMillis() < 0 || poll.endMillis() > at.beginMillis())
                    .count())
        .max()
        .orElse(0);
  }

  private WorkerSpec fiftyTypes(int slots) {
    return WorkerSpec.of(
            IntStream.range(0, 50)
                .mapToObj(i -> TaskSpec.of("t" + i, rig.server.observe(echo())))
                .toArray(TaskSpec[]::new))
        .slots(slots);
  }

  @Test
  void oneTypesBacklogStarvesNobody() {
    rig.server.submitMany("t0", 30_000);
    WorkerSpec spec =
        WorkerSpec.of(TaskSpec.of("t0", rig.server.observe(rig.takes(Duration.ofMillis(20)))));
    for (int i = 1; i < 50; i++) {
      spec = spec.and(TaskSpec.of("t" + i, rig.server.observe(echo())));
    }
    rig.start(spec.slots(10));
    rig.advance(Duration.ofSeconds(10));
    rig.server.submitMany("t33", 5);
    long ready = rig.nowMillis();
    rig.advance(Duration.ofSeconds(20));

    for (int i = 1; i < 50; i++) {
      assertThat(rig.longestGapMillis("t" + i)).as("t%d", i).isBetween(1_000L, 2_000L);
    }
    assertThat(rig.server.queued("t33")).isZero();
    assertThat(rig.server.runs())
        .filteredOn(run -> run.beginMillis() >= ready)
        .filteredOn(run -> rig.server.leases(run.taskId()).get(0).taskType().equals("t33"))
        .hasSize(5)
        .allSatisfy(run -> assertThat(run.beginMillis() - ready).isLessThanOrEqualTo(2_100));
    assertThat(rig.server.queued("t0")).as("the backlog goes on").isLessThan(20_000);
  }

  @Test
  void aTypeBesideABacklogIsAskedSoonWhenThereAreFew() {
    rig.server.submitMany("busy", 20_000);
    rig.start(
        WorkerSpec.of(
                TaskSpec.of("busy", rig.server.observe(rig.takes(Duration.ofMillis(20)))),
                TaskSpec.of("rare", rig.server.observe(echo())))
            .slots(10));
    rig.advance(Duration.ofSeconds(5));
    long ready = rig.nowMillis();
    String rare = rig.server.submit("rare", input(1));
    rig.advance(Duration.ofSeconds(1));

    assertThat(rig.server.runs(rare).get(0).beginMillis() - ready).isLessThanOrEqualTo(200);
  }

  @Test
  void aPollInFlightAtTheStopLandsAndWhatItBringsIsHandedBack() {
    Worker worker = rig.start("greet", 4, echo());
    rig.advanceMillis(100);
    worker.stop().subscribe();
    String task = rig.server.submit("greet", input(1));
    rig.advance(Duration.ofSeconds(5));

    assertThat(rig.endings()).containsExactly("completed");
    assertThat(rig.server.leases(task)).hasSize(1);
    assertThat(rig.server.runs(task)).isEmpty();
    assertThat(rig.server.queued("greet")).isEqualTo(1);
    assertThat(rig.verified().released()).isEqualTo(1);
  }

  @Test
  void aPollThatHangsIsNotCancelledBeforeItsDeadline() {
    rig.server.script(Call.POLL).next(Fault.hang());
    Worker worker = rig.start("greet", 4, echo());
    rig.advanceMillis(100);
    worker.stop().subscribe();
    rig.advance(Duration.ofSeconds(11));
    assertThat(rig.endings()).isEmpty();
    rig.advance(Duration.ofSeconds(2));

    assertThat(rig.endings()).containsExactly("completed");
    assertThat(rig.polls("greet").get(0).ending()).isEqualTo(CallRecord.Ending.FAILED);
    rig.verified();
  }

  @Test
  void moreThanAskedForIsRunWithinTheSlotsAndNoneIsLost() {
    rig.server.script(Call.POLL).next(20, Fault.overDeliver(3));
    List<String> tasks = rig.server.submitMany("greet", 60);
    rig.startSendingAlone("greet", 4, rig.takesUnevenly());
    rig.advance(Duration.ofSeconds(20));

    rig.server.assertAllCompleted();
    assertThat(rig.server.maxUnfinished()).as("the server did deliver more").isGreaterThan(4);
    assertThat(mostRunningAtOnce()).isLessThanOrEqualTo(4);
    assertThat(tasks).allSatisfy(task -> assertThat(rig.server.runs(task)).hasSize(1));
    rig.finish();
  }

  @Test
  void whatExceedsEvenTheSurplusIsHandedBack() {
    rig.server.script(Call.POLL).next(Fault.overDeliver(30));
    rig.server.submitMany("greet", 31);
    Worker worker = rig.start("greet", 2, rig.takes(Duration.ofMillis(50)));
    rig.advance(Duration.ofSeconds(20));

    assertThat(worker.stats().released()).isGreaterThan(20);
    assertThat(mostRunningAtOnce()).isLessThanOrEqualTo(2);
    rig.server.assertAllCompleted();
    rig.finish();
  }

  private long mostRunningAtOnce() {
    return rig.server.runs().stream()
        .mapToLong(run -> runningAt(run.beginMillis() + 1))
        .max()
        .orElse(0);
  }

  @Test
  void anElementThatComesTwiceIsRunOnce() {
    rig.server.script(Call.POLL).next(3, Fault.duplicate());
    List<String> tasks = rig.server.submitMany("greet", 8);
    rig.start("greet", 3, rig.takes(Duration.ofMillis(50)));
    rig.advance(Duration.ofSeconds(10));

    rig.server.assertAllCompleted();
    assertThat(tasks).allSatisfy(task -> assertThat(rig.server.runs(task)).hasSize(1));
    rig.finish();
  }

  @Test
  void anElementThatCannotBeUsedFailsAlone() {
    rig.start("greet", 10, echo());
    rig.advanceMillis(3_000);
    rig.server.script(Call.POLL).next(Fault.unusable(3));
    List<String> tasks = rig.server.submitMany("greet", 8);
    rig.advance(Duration.ofSeconds(5));

    assertThat(tasks)
        .filteredOn(task -> rig.server.state(task).status() == TaskStatus.COMPLETED)
        .hasSize(7);
    assertThat(tasks)
        .filteredOn(
            task -> rig.server.state(task).status() == TaskStatus.FAILED_WITH_TERMINAL_ERROR)
        .hasSize(1)
        .allSatisfy(task -> assertThat(rig.server.runs(task)).isEmpty());
    rig.finish();
  }

  @Test
  void whatACutAnswerHidComesBackByTheServersTimeoutAndHalfAsManyAreAskedForNext() {
    rig.server.define("greet", TaskTypeSpec.defaults().withResponseTimeout(Duration.ofSeconds(20)));
    rig.start("greet", 16, rig.takes(Duration.ofMillis(10)));
    rig.advanceMillis(2_500);
    rig.server.script(Call.POLL).next(Fault.cut(4));
    rig.server.submitMany("greet", 200);
    rig.advance(Duration.ofSeconds(10));

    List<CallRecord> sweeps = rig.polls("greet").stream().filter(poll -> poll.count() > 1).toList();
    assertThat(sweeps.get(0).ending()).isEqualTo(CallRecord.Ending.FAILED);
    assertThat(sweeps.get(0).count()).isEqualTo(15);
    assertThat(sweeps.get(1).count()).isEqualTo(7);
    rig.advance(Duration.ofSeconds(40));
    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void failedPollsBackOffWithinTenSecondsAndHoldNoSlot() {
    rig.server.script(Call.POLL, "bad").always(Fault.rejected());
    rig.start(
        WorkerSpec.of(
                TaskSpec.of("bad", rig.server.observe(echo())),
                TaskSpec.of("good", rig.server.observe(rig.takes(Duration.ofMillis(100)))))
            .slots(2));
    rig.server.submitMany("good", 100);
    rig.advance(Duration.ofSeconds(100));

    assertThat(rig.polls("bad")).hasSizeBetween(10, 25);
    assertThat(rig.longestGapMillis("bad")).isBetween(5_000L, 10_100L);
    rig.server.assertAllCompleted();
    assertThat(mostRunningAtOnce()).isEqualTo(2);
    rig.finish();
  }

  @Test
  void pollsGoOnAfterAnOutage() {
    rig.start("greet", 3, echo());
    rig.advanceMillis(500);
    rig.server.down();
    rig.advance(Duration.ofMinutes(10));
    assertThat(rig.server.requestCount()).isLessThan(150);
    rig.server.up();
    rig.server.submitMany("greet", 5);
    rig.advance(Duration.ofSeconds(15));

    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void aStopWakesAPollerThatBacksOff() {
    rig.server.down();
    Worker worker = rig.start("greet", 3, echo());
    rig.advance(Duration.ofSeconds(60));
    worker.stop().subscribe();
    rig.advanceMillis(100);

    assertThat(rig.endings()).containsExactly("completed");
  }

  @Test
  void noMoreIsPolledThanTheOutboxHasRoomFor() {
    rig.store = new InMemoryTaskStore(7);
    rig.server.script(Call.UPDATE).always(Fault.unauthorized());
    rig.server.submitMany("greet", 50);
    rig.start("greet", 5, echo());
    rig.advance(Duration.ofMinutes(2));
    assertThat(rig.server.leasedNow()).isEqualTo(7);
    rig.server.script(Call.UPDATE).clear();
    rig.advance(Duration.ofMinutes(1));

    rig.server.assertAllCompleted();
    rig.finish();
  }
}
