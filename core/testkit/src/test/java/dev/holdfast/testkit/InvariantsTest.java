package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Attempt;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.Task;
import dev.holdfast.task.TaskContext;
import dev.holdfast.task.TaskHandler;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Each invariant is shown to fail on what it forbids, and to hold on what it allows. */
@Timeout(30)
class InvariantsTest extends FakeServerBench {

  private static final TaskTypeSpec FOR_EVER =
      TaskTypeSpec.defaults().withResponseTimeout(Duration.ZERO);

  private record Run(Task task) implements TaskContext {
    @Override
    public Attempt attempt() {
      return new Attempt("fake", task.id(), task.pollCount());
    }

    @Override
    public Duration remaining() {
      return Duration.ofHours(1);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public Mono<Void> cancelled() {
      return Mono.never();
    }

    @Override
    public Mono<Void> leaseLost() {
      return Mono.never();
    }
  }

  private Seen<Object> run(TaskHandler handler, Task task) throws Exception {
    return new Seen<>(server.observe(handler).handle(new Run(task)).cast(Object.class));
  }

  private static void fails(ThrowingCallable assertion, String... parts) {
    assertThatThrownBy(assertion)
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll(parts)
        .hasMessageContaining("the story of");
  }

  @Test
  void aTaskThatIsLeasedForEverByALostAnswerIsLost() {
    server.define("greet", FOR_EVER).script(Call.POLL).next(Fault.cut(1));
    server.submitMany("greet", 2);
    poll("greet", 2);

    fails(server::assertNothingLost, "task-2 is lost", "never arrived");
    fails(server::verify, "task-2 is lost");
  }

  @Test
  void aTaskThatIsLeasedForEverToACallerThatIsGoneIsLost() {
    server.define("greet", FOR_EVER).submitMany("greet", 2);
    new Seen<>(client.poll(ask("greet", 1, Duration.ZERO))).subscription.dispose();
    server.script(Call.POLL).next(Fault.delay(Duration.ofSeconds(11)));
    poll("greet", 1);
    pass(Duration.ofSeconds(12));
    fails(server::assertNothingLost, "task-1 is lost", "task-2 is lost");
  }

  @Test
  void aStrandedLeaseThatWillLapseIsNotLost() {
    server.script(Call.POLL).next(Fault.cut(0));
    server.submitMany("greet", 2);
    poll("greet", 2);
    server.assertNothingLost();
  }

  @Test
  void aResultThatWasNeverSentIsLost() throws Exception {
    server.submit("greet", Map.of());
    run(TaskHandler.of(context -> Mono.just(Map.of())), lease("greet"));
    server.assertNothingLost();
    pass(Duration.ofHours(1));
    fails(server::assertNothingLost, "task-1 is lost", "never sent", "ends its run COMPLETED");
  }

  @Test
  void aTaskThatWasDeliveredAndForgottenIsLost() {
    server.observe(TaskHandler.of(context -> Mono.empty()));
    server.submit("greet", Map.of());
    lease("greet");
    pass(Duration.ofHours(1));
    fails(server::assertNothingLost, "task-1 is lost", "neither run nor handed back");
  }

  @Test
  void aLapsedLeaseIsNotLostWhereSomebodyTriedToAnswer() throws Exception {
    server.submit("greet", Map.of());
    Task task = lease("greet");
    run(TaskHandler.of(context -> Mono.just(Map.of())), task);
    server.down();
    call(client.update(result(task, Outcome.completed())));
    pass(Duration.ofHours(1));
    server.assertNothingLost();
  }

  @Test
  void aRunThatWasCancelledOrGoesOnLosesNothing() throws Exception {
    server.submitMany("greet", 2);
    run(TaskHandler.of(context -> Mono.never()), lease("greet")).subscription.dispose();
    run(TaskHandler.of(context -> Mono.never()), lease("greet"));
    pass(Duration.ofHours(1));
    server.assertNothingLost();
  }

  @Test
  void whatHasNotCompletedIsToldAndWhatWasTerminatedIsNot() {
    server.submitMany("greet", 2);
    server.terminate("task-1");
    fails(server::assertAllCompleted, "task-2 is SCHEDULED");
    server.terminate("task-2");
    server.assertAllCompleted();
  }

  @Test
  void aTaskThatFailedForGoodHasNotCompleted() {
    server.submit("greet", Map.of());
    call(client.update(result(lease("greet"), Outcome.failedForGood("no"))));
    fails(server::assertAllCompleted, "FAILED_WITH_TERMINAL_ERROR");
  }

  @Test
  void twoRunsOfATaskAtOnceAreTold() throws Exception {
    server.submit("greet", Map.of());
    Task first = lease("greet");
    run(TaskHandler.of(context -> Mono.never()), first);
    call(client.update(TaskUpdate.release(first, "w1")));
    run(TaskHandler.of(context -> Mono.never()), lease("greet"));

    fails(server::assertNoneRunByTwoAtOnce, "task-1#2 ran while task-1#1 was running");
    fails(server::verify, "task-1#2 ran while task-1#1 was running");
  }

  @Test
  void aRetryThatRunsBesideTheTaskItRetriesIsTold() throws Exception {
    server.submit("greet", Map.of());
    run(TaskHandler.of(context -> Mono.never()), lease("greet"));
    pass(Duration.ofHours(1));
    run(TaskHandler.of(context -> Mono.never()), lease("greet"));
    fails(server::assertNoneRunByTwoAtOnce, "task-2#1 ran while task-1#1 was running");
  }

  @Test
  void anAttemptThatRunsTwiceIsTold() throws Exception {
    server.submit("greet", Map.of());
    Task task = lease("greet");
    run(TaskHandler.of(context -> Mono.empty()), task);
    run(TaskHandler.of(context -> Mono.empty()), task);
    fails(server::assertNoneRunByTwoAtOnce, "task-1#1 ran twice");
  }

  @Test
  void oneRunAfterTheOtherIsAllowedHoweverTheFirstEnded() throws Exception {
    server.submit("greet", Map.of());
    TaskHandler throwing =
        TaskHandler.of(
            context -> {
              throw new IllegalStateException("thrown");
            });
    for (int i = 0; i < 4; i++) {
      Task task = lease("greet");
      switch (i) {
        case 0 ->
            assertThatThrownBy(() -> run(throwing, task)).isInstanceOf(IllegalStateException.class);
        case 1 -> run(TaskHandler.of(context -> Mono.error(new IllegalStateException())), task);
        case 2 -> run(TaskHandler.of(context -> Mono.never()), task).subscription.dispose();
        default ->
            assertThatThrownBy(
                    () ->
                        run(
                            TaskHandler.of(
                                context ->
                                    Mono.fromRunnable(
                                        () -> {
                                          throw new NoClassDefFoundError("gone");
                                        })),
                            task))
                .isInstanceOf(NoClassDefFoundError.class);
      }
      call(client.update(TaskUpdate.release(task, "w1")));
    }
    server.assertNoneRunByTwoAtOnce();
    assertThat(server.runs("task-1"))
        .extracting(RunRecord::ending)
        .containsExactly(
            RunRecord.Ending.FAILED,
            RunRecord.Ending.FAILED,
            RunRecord.Ending.CANCELLED,
            RunRecord.Ending.FAILED);
    assertThat(server.maxUnfinished("greet")).isEqualTo(1);
  }

  @Test
  void anObservedHandlerRunsWhereItRan() {
    TaskHandler blocking = TaskHandler.blocking(context -> null);
    assertThat(server.observe(blocking).mode()).isEqualTo(TaskHandler.Mode.BLOCKING);
  }

  @Test
  void twoDifferentUpdatesOfAnAttemptAreTold() {
    server.submit("greet", Map.of());
    Task task = lease("greet");
    server.script(Call.UPDATE).next(Fault.loseAnswer());
    call(client.update(result(task, Outcome.completed())));
    call(client.update(result(task, Outcome.failed("late"))));
    fails(server::assertOneUpdatePerAttempt, "two different updates", "COMPLETED", "FAILED (late)");
  }

  @Test
  void outputsThatDifferMakeDifferentUpdatesAndEqualOnesDoNot() {
    server.submitMany("greet", 2);
    server.script(Call.UPDATE).always(Fault.refuse());
    Task task = lease("greet");
    call(client.update(result(task, Outcome.completed(Map.of("a", 1)))));
    call(client.update(result(task, Outcome.completed(Map.of("a", 1)))));
    server.assertOneUpdatePerAttempt();
    call(client.update(result(task, Outcome.completed(Map.of("a", 2)))));
    fails(server::assertOneUpdatePerAttempt, "two different updates");
  }

  @Test
  void aSecondUpdateAfterAnAnswerIsTold() {
    server.submit("greet", Map.of());
    TaskUpdate update = result(lease("greet"), Outcome.completed());
    call(client.update(update));
    server.assertOneUpdatePerAttempt();
    call(client.update(update));
    fails(server::assertOneUpdatePerAttempt, "although the one before it was answered");
    fails(server::verify, "although the one before it was answered");
  }

  @Test
  void aSecondUpdateBesideTheFirstIsTold() {
    server.submit("greet", Map.of());
    TaskUpdate update = result(lease("greet"), Outcome.completed());
    new Seen<>(client.update(update));
    call(client.update(update));
    fails(server::assertOneUpdatePerAttempt, "before the one before it was answered");
  }

  @Test
  void aSecondUpdateAfterARejectionIsTold() {
    server.submit("greet", Map.of());
    server.script(Call.UPDATE).next(Fault.rejected());
    TaskUpdate update = result(lease("greet"), Outcome.completed());
    call(client.update(update));
    call(client.update(update));
    fails(server::assertOneUpdatePerAttempt, "although the one before it was rejected");
  }

  @Test
  void aTerminalUpdateMayBeRepeatedAfterEveryOtherFailure() {
    server.submit("greet", Map.of());
    server
        .script(Call.UPDATE)
        .next(Fault.refuse())
        .next(Fault.overloaded(null))
        .next(Fault.unauthorized())
        .next(Fault.broken(true))
        .next(Fault.loseAnswer());
    TaskUpdate update = result(lease("greet"), Outcome.completed());
    for (int i = 0; i < 6; i++) {
      call(client.update(update));
    }
    server.assertOneUpdatePerAttempt();
    server.assertAllCompleted();
  }

  @Test
  void aReleaseThatIsRepeatedWithoutAFindIsTold() {
    server.submit("greet", Map.of());
    server.script(Call.UPDATE).next(Fault.loseAnswer());
    TaskUpdate release = TaskUpdate.release(lease("greet"), "w1");
    call(client.update(release));
    call(client.update(release));
    fails(server::assertOneUpdatePerAttempt, "without a find in between");
  }

  @Test
  void aReleaseMayBeRepeatedAfterAFindOrAfterARefusal() {
    server.submit("greet", Map.of());
    server.script(Call.UPDATE).next(Fault.refuse()).next(Fault.hang());
    TaskUpdate release = TaskUpdate.release(lease("greet"), "w1");
    call(client.update(release));
    call(client.update(release));
    pass(Duration.ofSeconds(10));
    call(client.find("task-1"));
    call(client.update(release));
    server.assertOneUpdatePerAttempt();
    assertThat(server.queued("greet")).isEqualTo(1);
  }

  @Test
  void aReleaseThatTakesTheTaskFromItsNextHolderIsTold() {
    server.submit("greet", Map.of());
    server.script(Call.UPDATE).next(Fault.loseAnswer());
    TaskUpdate release = TaskUpdate.release(lease("greet"), "w1");
    call(client.update(release));
    lease("greet");
    call(client.find("task-1"));
    call(client.update(release));
    fails(server::assertOneUpdatePerAttempt, "took the task from its holder #2");
  }

  @Test
  void aReleaseOfEachAttemptIsAllowed() {
    server.submit("greet", Map.of());
    call(client.update(TaskUpdate.release(lease("greet"), "w1")));
    call(client.update(TaskUpdate.release(lease("greet"), "w1")));
    server.assertOneUpdatePerAttempt();
    assertThat(server.updates()).extracting(UpdateRecord::pollCount).containsExactly(1, 2);
  }

  @Test
  void aPollThatWasCancelledIsTold() {
    new Seen<>(client.poll(ask("greet", 1, Duration.ofSeconds(5)))).subscription.dispose();
    assertThatThrownBy(server::assertNoPollCancelled)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("POLL")
        .hasMessageContaining("CANCELLED");
    assertThatThrownBy(server::verify).isInstanceOf(AssertionError.class);
  }

  @Test
  void aCallThatLeasesNothingMayBeCancelled() {
    new Seen<>(client.queueSize("greet", null)).subscription.dispose();
    server.assertNoPollCancelled();
  }

  @Test
  void aLongListOfViolationsIsShortened() {
    server.submitMany("greet", 8);
    fails(server::assertAllCompleted, "task-5 is SCHEDULED", "and 3 more");
  }

  @Test
  void theMostUnfinishedLeavesOutWhatHasRun() throws Exception {
    server.submitMany("greet", 3);
    Sinks.One<String> end = Sinks.one();
    run(TaskHandler.of(context -> end.asMono()), lease("greet"));
    run(TaskHandler.of(context -> Mono.empty()), lease("greet"));
    run(TaskHandler.of(context -> Mono.empty()), lease("greet"));
    assertThat(server.maxUnfinished()).isEqualTo(2);
    assertThat(server.maxLeased()).isEqualTo(3);
  }
}
