package dev.holdfast.worker;

import static dev.holdfast.worker.WorkerRig.echo;
import static dev.holdfast.worker.WorkerRig.input;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.outage.GaveUpException;
import dev.holdfast.outage.OutageSpec;
import dev.holdfast.store.OutboxEntry;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.testkit.Call;
import dev.holdfast.testkit.CallRecord;
import dev.holdfast.testkit.Fault;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.testkit.RunRecord;
import dev.holdfast.testkit.TaskTypeSpec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** How a worker ends that gives its server up, and what it leaves, on virtual time. */
@Timeout(60)
class GiveUpTest {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration CAP = Duration.ofSeconds(10);

  @RegisterExtension final LeakGuard leaks = new LeakGuard();
  @RegisterExtension final LogLines log = new LogLines();

  private final WorkerRig rig = new WorkerRig();

  private Worker startLimited(int slots, TaskHandler handler) {
    return rig.start(limited(WorkerSpec.of("greet", rig.server.observe(handler)).slots(slots)));
  }

  private static WorkerSpec limited(WorkerSpec spec) {
    return spec.outage(OutageSpec.create().giveUpAfter(LIMIT));
  }

  private boolean gaveUp() {
    return log.all().stream().anyMatch(line -> line.startsWith("ERROR Server "));
  }

  private ServerFailure.Kind kind() {
    assertThat(rig.errors()).hasSize(1).first().isInstanceOf(GaveUpException.class);
    return ((GaveUpException) rig.errors().get(0)).kind();
  }

  private List<OutboxEntry> waiting() {
    return rig.store.outbox().waiting().collectList().block();
  }

  /** Runs five tasks whose results meet an outage, until the worker gives up. */
  private List<String> leaveFiveResults() {
    List<String> tasks = rig.server.submitMany("greet", 5);
    startLimited(5, rig.takes(Duration.ofSeconds(10)));
    rig.advance(Duration.ofSeconds(5));
    rig.server.down();
    rig.advance(LIMIT.plus(CAP).plusSeconds(5));
    assertThat(kind()).isEqualTo(ServerFailure.Kind.UNREACHABLE);
    assertThat(waiting()).hasSize(5);
    return tasks;
  }

  @Test
  void itEndsAfterTheLimitAndNotBefore() {
    rig.server.down();
    startLimited(2, echo());
    rig.advance(LIMIT);
    assertThat(rig.endings()).isEmpty();
    rig.advance(CAP);

    assertThat(kind()).isEqualTo(ServerFailure.Kind.UNREACHABLE);
    assertThat(log.ofTheServer())
        .last()
        .asString()
        .startsWith("ERROR Server unreachable for >30s, shutting down. Last error: ");
    rig.verified();
  }

  @Test
  void anOutageShorterThanTheLimitEndsNothingHoweverOftenItComes() {
    startLimited(2, echo());
    for (int i = 0; i < 5; i++) {
      rig.server.down();
      rig.advance(Duration.ofSeconds(20));
      rig.server.up();
      rig.advance(CAP.plusSeconds(10));
    }

    assertThat(rig.endings()).isEmpty();
    rig.finish();
  }

  @ParameterizedTest
  @EnumSource(
      value = ServerFailure.Kind.class,
      names = {"UNREACHABLE", "OVERLOADED", "UNAUTHORIZED", "REJECTED", "BROKEN"})
  void itsErrorSaysWhatLasted(ServerFailure.Kind kind) {
    rig.server.script(Call.POLL).always(Fault.fail(kind));
    Worker worker =
        rig.start(
            limited(WorkerSpec.of(TaskSpec.of("greet", echo()), TaskSpec.of("bill", echo()))));
    rig.advance(LIMIT.minusSeconds(1));
    assertThat(rig.endings()).isEmpty();
    rig.advance(CAP.multipliedBy(2));

    assertThat(kind()).isEqualTo(kind);
    assertThat(worker.stop().block()).as("stop() after the end").isNull();
    rig.verified();
  }

  @Test
  void oneTypeThatIsRefusedEndsNothing() {
    rig.server.script(Call.POLL, "greet").always(Fault.unauthorized());
    rig.start(limited(WorkerSpec.of(TaskSpec.of("greet", echo()), TaskSpec.of("bill", echo()))));
    rig.advance(Duration.ofMinutes(30));

    assertThat(rig.endings()).isEmpty();
    rig.finish();
  }

  @Test
  void whateverWaitsEndsWithinATenthOfASecond() {
    // So short that leases wait too, and one of them is the last probe: the updates all end by it.
    rig.server.define(
        "greet",
        TaskTypeSpec.defaults()
            .withResponseTimeout(Duration.ofSeconds(20))
            .withSweepDelay(Duration.ofHours(1)));
    rig.server.submitMany("greet", 5);
    startLimited(10, rig.takes(Duration.ofSeconds(10)));
    rig.advance(Duration.ofSeconds(5));
    rig.server.down();
    rig.advanceUntil(LIMIT.plus(CAP), this::gaveUp);
    rig.advanceMillis(90);

    assertThat(kind()).isEqualTo(ServerFailure.Kind.UNREACHABLE);
    assertThat(waiting()).hasSize(5);
    rig.verified();
    int requests = rig.server.requestCount();
    rig.advance(Duration.ofMinutes(5));
    assertThat(rig.server.requestCount()).as("nothing is sent after the end").isEqualTo(requests);
  }

  @Test
  void runningHandlersMayFinishWithinFourFifthsOfTheDrainsLimit() {
    String quick = rig.server.submit("greet", input(60));
    String slow = rig.server.submit("greet", input(3_600));
    Worker worker = startLimited(3, takesSecondsOfItsInput());
    rig.advance(Duration.ofSeconds(10));
    rig.server.down();
    long gaveUp = rig.advanceUntil(LIMIT.plus(CAP), this::gaveUp);
    rig.advanceMillis(19_980);
    assertThat(rig.server.runs(slow).get(0).ending()).isEqualTo(RunRecord.Ending.RUNNING);
    rig.advanceMillis(1_000);

    assertThat(kind()).isEqualTo(ServerFailure.Kind.UNREACHABLE);
    assertThat(rig.server.runs(quick).get(0).ending()).isEqualTo(RunRecord.Ending.COMPLETED);
    RunRecord cancelled = rig.server.runs(slow).get(0);
    assertThat(cancelled.ending()).isEqualTo(RunRecord.Ending.CANCELLED);
    assertThat(cancelled.endMillis() - gaveUp).isBetween(19_900L, 20_100L);
    assertThat(waiting())
        .extracting(entry -> entry.update().status())
        .containsExactlyInAnyOrder(TaskStatus.COMPLETED, TaskStatus.IN_PROGRESS);
    assertThat(rig.verified().outbox()).isEqualTo(2);
    assertThat(worker.stats().abandoned()).isZero();
  }

  private TaskHandler takesSecondsOfItsInput() {
    return TaskHandler.of(
        context -> {
          long seconds = ((Number) context.input().asMap().get("n")).longValue();
          return Mono.just(context.input()).delayElement(Duration.ofSeconds(seconds), rig.time);
        });
  }

  @Test
  void theNextRunDeliversWhatWasLeftOnceAndLooksItUpFirst() {
    List<String> tasks = leaveFiveResults();
    rig.server.up();
    Worker next = rig.start("greet", 5, echo());
    rig.advance(Duration.ofSeconds(5));

    for (String task : tasks) {
      List<CallRecord> calls =
          rig.server.calls().stream()
              .filter(call -> task.equals(call.taskId()))
              .filter(call -> call.ending() == CallRecord.Ending.ANSWERED)
              .toList();
      assertThat(calls).extracting(CallRecord::kind).containsExactly(Call.FIND, Call.UPDATE);
      assertThat(rig.applied(task)).hasSize(1);
      assertThat(rig.server.runs(task)).hasSize(1);
    }
    assertThat(waiting()).isEmpty();
    assertThat(next.stats().delivered()).isEqualTo(5);
    next.stop().subscribe();
    rig.advance(Duration.ofSeconds(5));
    rig.verified();
  }

  @Test
  void whatTheServerHadAlreadyIsNotSentAgainByTheNextRun() {
    String task = rig.server.submit("greet", input(1));
    rig.server.script(Call.UPDATE).next(Fault.loseAnswer()).always(Fault.refuse());
    rig.server.script(Call.POLL).next(Fault.none()).always(Fault.refuse());
    rig.start(
        limited(WorkerSpec.of("greet", rig.server.observe(echo())).slots(1).takesNext(false)));
    rig.advance(LIMIT.plus(CAP).plusSeconds(5));
    assertThat(kind()).isEqualTo(ServerFailure.Kind.UNREACHABLE);
    int sent = rig.server.updates(task).size();
    rig.server.script(Call.UPDATE).clear();
    rig.server.script(Call.POLL).clear();
    Worker next = rig.start("greet", 5, echo());
    rig.advance(Duration.ofSeconds(5));

    assertThat(rig.server.updates(task)).hasSize(sent);
    assertThat(waiting()).isEmpty();
    assertThat(next.stats().delivered()).isEqualTo(1);
    next.stop().subscribe();
    rig.advance(Duration.ofSeconds(5));
    rig.verified();
  }

  @Test
  void whatSomebodyElseHasByThenIsCountedLateByTheNextRun() {
    rig.server.define("greet", TaskTypeSpec.defaults().withResponseTimeout(Duration.ofMinutes(5)));
    List<String> tasks = leaveFiveResults();
    rig.advance(Duration.ofMinutes(5));
    rig.server.up();
    Worker next = rig.start("greet", 5, echo());
    rig.advance(Duration.ofSeconds(10));

    assertThat(next.stats().late()).isEqualTo(5);
    assertThat(tasks).allSatisfy(task -> assertThat(rig.applied(task)).isEmpty());
    assertThat(waiting()).isEmpty();
    rig.server.assertAllCompleted();
    next.stop().subscribe();
    rig.advance(Duration.ofSeconds(5));
    rig.verified();
  }

  @Test
  void stopInAnOutageEndsWithinTheDrainsLimitAndTheTaskIsHandedBackByTheNextRun() {
    String task = rig.server.submit("greet", input(1));
    Worker worker = startLimited(2, context -> Mono.never());
    rig.advance(Duration.ofSeconds(5));
    rig.server.down();
    rig.advance(Duration.ofSeconds(1));
    worker.stop().subscribe();
    rig.advance(Duration.ofSeconds(25));

    assertThat(rig.endings()).containsExactly("completed");
    assertThat(rig.verified().outbox()).isEqualTo(1);
    rig.server.up();
    rig.start("greet", 2, echo());
    rig.advance(Duration.ofSeconds(5));
    assertThat(rig.applied(task))
        .extracting(update -> update.update().status())
        .containsExactly(TaskStatus.IN_PROGRESS, TaskStatus.COMPLETED);
    rig.server.verify();
  }

  @Test
  void aDrainThatMeetsTheEndOfTheServerEndsOnceWithItsError() {
    rig.server.submit("greet", input(1));
    Worker worker = startLimited(2, rig.takes(Duration.ofSeconds(50)));
    rig.advance(Duration.ofSeconds(5));
    rig.server.down();
    rig.advance(Duration.ofSeconds(20));
    worker.stop().subscribe();
    rig.advance(Duration.ofSeconds(25));

    assertThat(kind()).isEqualTo(ServerFailure.Kind.UNREACHABLE);
    assertThat(rig.endings()).hasSize(1);
    assertThat(rig.verified().outbox()).isEqualTo(1);
  }
}
