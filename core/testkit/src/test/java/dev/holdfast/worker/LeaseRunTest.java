package dev.holdfast.worker;

import static dev.holdfast.worker.WorkerRig.echo;
import static dev.holdfast.worker.WorkerRig.input;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.TaskStatus;
import dev.holdfast.store.FinalStatus;
import dev.holdfast.task.TaskContext;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.testkit.Call;
import dev.holdfast.testkit.CallRecord;
import dev.holdfast.testkit.Fault;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.testkit.LeaseRecord;
import dev.holdfast.testkit.RunRecord;
import dev.holdfast.testkit.TaskTypeSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;

/** How a run keeps the leases of what it holds, on virtual time. */
@Timeout(60)
class LeaseRunTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @RegisterExtension final LeakGuard leaks = new LeakGuard();

  private final WorkerRig rig = new WorkerRig();

  LeaseRunTest() {
    rig.server.define("greet", TaskTypeSpec.defaults().withResponseTimeout(TIMEOUT));
  }

  private List<CallRecord> extensions() {
    return rig.server.calls(Call.EXTEND);
  }

  private Worker startGoingOn(int slots, TaskHandler handler) {
    return rig.start(
        WorkerSpec.of(TaskSpec.of("greet", rig.server.observe(handler)).cancelsOnLeaseLoss(false))
            .slots(slots)
            .takesNext(false));
  }

  @Test
  void aHandlerThatTakesTenTimesTheTimeoutRunsOnceWithItsLeaseExtendedAllAlong() {
    String task = rig.server.submit("greet", input(1));
    rig.start("greet", 2, rig.takes(TIMEOUT.multipliedBy(10)));
    rig.advance(TIMEOUT.multipliedBy(10).plusSeconds(2));

    assertThat(rig.server.runs(task)).hasSize(1);
    assertThat(rig.server.leases(task)).hasSize(1);
    assertThat(extensions()).as("not more often than need be").hasSizeBetween(10, 25);
    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void aTerminatedWorkflowCancelsItsHandlerWithinThirtySecondsAndNothingIsSent() {
    rig.server.define("greet", TaskTypeSpec.defaults());
    String task = rig.server.submit("greet", input(1));
    Worker worker = rig.start("greet", 2, rig.takes(Duration.ofHours(1)));
    List<FinalStatus> finals = new CopyOnWriteArrayList<>();
    var watching =
        worker
            .events()
            .ofType(WorkerEvent.TaskFinished.class)
            .subscribe(finished -> finals.add(finished.status()));
    rig.advance(Duration.ofSeconds(65));
    rig.server.terminate(task);
    rig.advance(Duration.ofSeconds(31));

    assertThat(rig.server.runs(task).get(0).ending()).isEqualTo(RunRecord.Ending.CANCELLED);
    assertThat(rig.server.updates(task)).isEmpty();
    assertThat(rig.store.outbox().waiting().collectList().block()).isEmpty();
    assertThat(worker.stats().running()).isZero();
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (finals.isEmpty() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    watching.dispose();
    assertThat(finals).containsExactly(FinalStatus.CANCELLED);
    rig.finish();
  }

  @Test
  void theLeaseOfAResultThatWaitsIsKeptThroughAShortOutage() {
    rig.server.script(Call.UPDATE).always(Fault.unauthorized());
    String task = rig.server.submit("greet", input(1));
    rig.startSendingAlone("greet", 2, echo());
    rig.advance(TIMEOUT.multipliedBy(4));
    int extended = extensions().size();
    rig.advanceUntil(TIMEOUT, () -> extensions().size() > extended);
    rig.advanceMillis(10);
    rig.server.down();
    rig.advance(Duration.ofSeconds(12));
    rig.server.up();
    rig.advance(TIMEOUT.multipliedBy(4));
    assertThat(rig.server.leasedNow()).isEqualTo(1);
    rig.server.script(Call.UPDATE).clear();
    rig.advance(Duration.ofSeconds(11));

    assertThat(rig.applied(task)).hasSize(1);
    assertThat(rig.server.leases(task)).hasSize(1);
    assertThat(rig.server.runs(task)).hasSize(1);
    rig.finish();
  }

  @Test
  void anOutageLongerThanTheTimeoutCancelsTheHandlerBeforeAnotherRunsItsTask() {
    String task = rig.server.submit("greet", input(1));
    AtomicLong lost = new AtomicLong();
    rig.start("greet", 2, context -> untilLost(context, lost));
    rig.advance(Duration.ofSeconds(5));
    rig.server.down();
    rig.advance(TIMEOUT.multipliedBy(2));

    RunRecord first = rig.server.runs(task).get(0);
    assertThat(first.ending()).isEqualTo(RunRecord.Ending.CANCELLED);
    assertThat(lost).hasValueBetween(1, TIMEOUT.plusSeconds(1).toMillis());
    rig.server.up();
    rig.advance(Duration.ofMinutes(1));
    String second = rig.server.latest(task);
    assertThat(rig.server.runs(second)).hasSize(1);
    assertThat(rig.applied(task)).isEmpty();
    rig.server.assertNoneRunByTwoAtOnce();
    rig.finish();
  }

  /** Takes 40 s, and notes when it hears that its lease is lost. */
  private Mono<Object> untilLost(TaskContext context, AtomicLong lost) {
    return Mono.delay(Duration.ofSeconds(40), rig.time)
        .<Object>thenReturn("done")
        .takeUntilOther(
            context.leaseLost().doOnTerminate(() -> lost.set(rig.nowMillis())).then(Mono.never()));
  }

  @Test
  void aHandlerThatGoesOnIsLateIfSomebodyElseHasItsTaskByThen() {
    rig.server.define("greet", TaskTypeSpec.defaults().withResponseTimeout(TIMEOUT).withRetries(0));
    String task = rig.server.submit("greet", input(1));
    Worker worker = startGoingOn(2, rig.takes(Duration.ofSeconds(90)));
    rig.advance(Duration.ofSeconds(5));
    rig.server.down();
    rig.advance(Duration.ofSeconds(60));
    assertThat(rig.server.runs(task).get(0).ending()).isEqualTo(RunRecord.Ending.RUNNING);
    rig.server.up();
    rig.advance(Duration.ofSeconds(60));

    assertThat(rig.server.runs(task).get(0).ending()).isEqualTo(RunRecord.Ending.COMPLETED);
    assertThat(rig.server.updates(task)).isEmpty();
    assertThat(worker.stats().late()).isEqualTo(1);
    assertThat(rig.store.outbox().waiting().collectList().block()).isEmpty();
    rig.finish();
  }

  @Test
  void aHandlerThatGoesOnDeliversIfTheTaskIsStillItsOwn() {
    rig.server.define(
        "greet",
        TaskTypeSpec.defaults().withResponseTimeout(TIMEOUT).withSweepDelay(Duration.ofMinutes(5)));
    rig.server.script(Call.EXTEND).always(Fault.unauthorized());
    String task = rig.server.submit("greet", input(1));
    Worker worker = startGoingOn(2, rig.takes(Duration.ofSeconds(90)));
    rig.advance(Duration.ofSeconds(95));

    List<CallRecord> calls =
        rig.server.calls().stream()
            .filter(call -> task.equals(call.taskId()))
            .filter(call -> call.kind() != Call.EXTEND)
            .toList();
    assertThat(calls.subList(calls.size() - 2, calls.size()))
        .extracting(CallRecord::kind)
        .containsExactly(Call.FIND, Call.UPDATE);
    assertThat(rig.applied(task)).hasSize(1);
    assertThat(worker.stats().late()).isZero();
    rig.finish();
  }

  @Test
  void aDrainKeepsTheLeasesOfWhatRuns() {
    rig.server.define("greet", TaskTypeSpec.defaults().withResponseTimeout(Duration.ofSeconds(10)));
    String task = rig.server.submit("greet", input(1));
    Worker worker =
        rig.start(
            WorkerSpec.of("greet", rig.server.observe(rig.takes(Duration.ofMinutes(2))))
                .drainTimeout(Duration.ofMinutes(5)));
    rig.advance(Duration.ofSeconds(5));
    worker.stop().subscribe();
    rig.advance(Duration.ofMinutes(3));

    assertThat(rig.endings()).containsExactly("completed");
    assertThat(rig.server.leases(task)).hasSize(1);
    rig.server.assertAllCompleted();
    rig.verified();
  }

  @Test
  void aTaskIsReleasedOnceItsHandlerHasEndedAndNotExtendedAfterwards() {
    rig.server.define("greet", TaskTypeSpec.defaults().withResponseTimeout(Duration.ofSeconds(10)));
    rig.server.script(Call.UPDATE).next(3, Fault.unauthorized());
    String task = rig.server.submit("greet", input(1));
    Worker worker =
        rig.start(
            WorkerSpec.of("greet", rig.server.observe(context -> Mono.never()))
                .drainTimeout(Duration.ofSeconds(100)));
    rig.advance(Duration.ofSeconds(5));
    worker.stop().subscribe();
    rig.advance(Duration.ofSeconds(101));

    assertThat(rig.endings()).containsExactly("completed");
    RunRecord run = rig.server.runs(task).get(0);
    assertThat(run.ending()).isEqualTo(RunRecord.Ending.CANCELLED);
    assertThat(rig.server.updates(task))
        .isNotEmpty()
        .allSatisfy(
            update ->
                assertThat(update.call().beginMillis()).isGreaterThanOrEqualTo(run.endMillis()));
    assertThat(extensions())
        .hasSizeGreaterThan(8)
        .allSatisfy(call -> assertThat(call.beginMillis()).isLessThanOrEqualTo(run.endMillis()));
    rig.verified();
  }

  @Test
  void theHardLimitCancelsTheHandlerAndNoExtensionIsBegunPastIt() {
    Duration hard = Duration.ofMinutes(2);
    rig.server.define(
        "greet",
        TaskTypeSpec.defaults()
            .withResponseTimeout(Duration.ofSeconds(20))
            .withHardTimeout(hard)
            .withRetries(0));
    String task = rig.server.submit("greet", input(1));
    rig.start("greet", 2, context -> Mono.never());
    rig.advance(Duration.ofMinutes(10));

    RunRecord run = rig.server.runs(task).get(0);
    LeaseRecord lease = rig.server.leases(task).get(0);
    assertThat(run.ending()).isEqualTo(RunRecord.Ending.CANCELLED);
    assertThat(run.endMillis()).isLessThan(lease.beginMillis() + hard.toMillis());
    assertThat(rig.applied(task))
        .extracting(update -> update.update().status())
        .containsExactly(TaskStatus.FAILED);
    assertThat(extensions())
        .isNotEmpty()
        .allSatisfy(
            call ->
                assertThat(call.beginMillis()).isLessThan(lease.beginMillis() + hard.toMillis()));
    rig.finish();
  }

  @Test
  void aResultThatWaitsIsNotExtendedPastTheHardLimit() {
    Duration hard = Duration.ofMinutes(2);
    rig.server.define(
        "greet",
        TaskTypeSpec.defaults()
            .withResponseTimeout(Duration.ofSeconds(20))
            .withHardTimeout(hard)
            .withRetries(0));
    rig.server.script(Call.UPDATE).always(Fault.unauthorized());
    String task = rig.server.submit("greet", input(1));
    Worker worker = rig.startSendingAlone("greet", 2, echo());
    rig.advance(Duration.ofMinutes(5));
    LeaseRecord lease = rig.server.leases(task).get(0);
    assertThat(lease.endMillis()).isEqualTo(lease.beginMillis() + hard.toMillis());
    assertThat(extensions())
        .hasSizeGreaterThan(4)
        .allSatisfy(call -> assertThat(call.beginMillis()).isLessThan(lease.endMillis()));
    rig.server.script(Call.UPDATE).clear();
    rig.advance(Duration.ofSeconds(15));

    assertThat(worker.stats().late()).isEqualTo(1);
    assertThat(rig.applied(task)).isEmpty();
    rig.finish();
  }

  @Test
  void aTaskWithoutATimeoutIsNotExtended() {
    rig.server.define("greet", TaskTypeSpec.defaults().withResponseTimeout(Duration.ZERO));
    rig.server.submit("greet", input(1));
    rig.start("greet", 2, rig.takes(Duration.ofMinutes(30)));
    rig.advance(Duration.ofMinutes(31));

    assertThat(extensions()).isEmpty();
    rig.server.assertAllCompleted();
    rig.finish();
  }
}
