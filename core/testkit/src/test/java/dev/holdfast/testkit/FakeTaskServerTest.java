package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.Payload;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Publisher;

@Timeout(30)
class FakeTaskServerTest extends FakeServerBench {

  @Test
  void aPollLeasesWhatWaitsAndCarriesItsInput() {
    String id = server.submit("greet", Map.of("name", "Ada", "ages", List.of(1, 2)));

    Seen<Polled> seen = poll("greet", 5);

    Task task = leased(seen).get(0);
    assertThat(task.id()).isEqualTo(id);
    assertThat(task.pollCount()).isEqualTo(1);
    assertThat(task.input().asMap()).isEqualTo(Map.of("name", "Ada", "ages", List.of(1, 2)));
    assertThat(server.state(id))
        .isEqualTo(new TaskState(id, task.workflowId(), TaskStatus.IN_PROGRESS, 1, "w1"));
    assertThat(server.leasedNow()).isEqualTo(1);
    assertThat(server.queued("greet")).isZero();
    assertThat(server.leases(id).get(0).deliveries()).isEqualTo(1);
  }

  @Test
  void nothingHappensBeforeASubscriptionNorWithinIt() {
    server.submit("greet", Map.of());
    Publisher<Polled> cold = client.poll(ask("greet", 1, Duration.ZERO));
    pass(Duration.ofSeconds(1));
    assertThat(server.requestCount()).isZero();

    Seen<Polled> seen = new Seen<>(cold);
    assertThat(seen.values).isEmpty();
    assertThat(server.leasedNow()).isZero();
    pass(Duration.ofMillis(1));
    assertThat(server.leasedNow()).isEqualTo(1);
    assertThat(seen.values).isEmpty();
    pass(Duration.ofMillis(1));
    assertThat(seen.values).hasSize(1);
  }

  @Test
  void aLongPollWaitsForTheFullCountUntilItsTimeHasPassed() {
    server.submit("greet", Map.of());

    Seen<Polled> seen = new Seen<>(client.poll(ask("greet", 5, Duration.ofSeconds(2))));
    pass(Duration.ofMillis(2001));
    assertThat(seen.values).isEmpty();
    pass(Duration.ofMillis(1));

    assertThat(seen.values).hasSize(1);
    assertThat(seen.endedMillis).isEqualTo(2002);
  }

  @Test
  void aLongPollIsAnsweredAtOnceWhenItIsFull() {
    Seen<Polled> seen = new Seen<>(client.poll(ask("greet", 2, Duration.ofSeconds(5))));
    pass(Duration.ofMillis(100));
    server.submitMany("greet", 3);
    pass(Duration.ofMillis(1));

    assertThat(leased(seen)).extracting(Task::id).containsExactly("task-1", "task-2");
    assertThat(server.queued("greet")).isEqualTo(1);
  }

  @Test
  void aPollOfOneTypeOrDomainLeavesTheOthersAlone() {
    server.submit("greet", "blue", Map.of());
    server.submit("part", Map.of());

    assertThat(poll("greet", 5).values).isEmpty();
    Seen<Polled> blue = call(client.poll(new PollRequest("greet", "w1", "blue", 5, Duration.ZERO)));

    assertThat(leased(blue)).extracting(Task::domain).containsExactly("blue");
    assertThat(server.queued("part")).isEqualTo(1);
  }

  @Test
  void aSecondTerminalUpdateIsAnsweredAndIgnored() {
    String id = server.submit("greet", Map.of());
    Task task = lease("greet");

    call(client.update(result(task, Outcome.completed(Map.of("said", "hello")))));
    Seen<Void> second = call(client.update(result(task, Outcome.failed("too bad"))));

    assertThat(second.completed).isTrue();
    assertThat(server.state(id).status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(server.output(id)).isEqualTo(Map.of("said", "hello"));
    assertThat(server.updates(id))
        .extracting(UpdateRecord::effect)
        .containsExactly(UpdateRecord.Effect.APPLIED, UpdateRecord.Effect.REPEATED);
    assertThat(server.leasedNow()).isZero();
  }

  @Test
  void handingBackPullsTheTaskFromItsNextHolder() {
    String id = server.submit("greet", Map.of());
    Task first = lease("greet");
    call(client.update(TaskUpdate.release(first, "w1")));
    Seen<Polled> second = call(client.poll(new PollRequest("greet", "w2", null, 1, Duration.ZERO)));
    assertThat(leased(second).get(0).pollCount()).isEqualTo(2);

    call(client.update(TaskUpdate.release(first, "w1")));
    Seen<Polled> third = call(client.poll(new PollRequest("greet", "w3", null, 1, Duration.ZERO)));

    assertThat(leased(third)).extracting(Task::id).containsExactly(id);
    assertThat(leased(third).get(0).pollCount()).isEqualTo(3);
  }

  @Test
  void aRetryLaterIsHandedOutAgainAfterItsDelayInWholeSecondsWithItsOutput() {
    server.submit("greet", Map.of());
    Task task = lease("greet");
    call(
        client.update(
            result(task, Outcome.retryLater(Duration.ofMillis(1500), Map.of("page", 2)))));

    pass(Duration.ofMillis(1990));
    assertThat(poll("greet", 1).values).isEmpty();
    pass(Duration.ofMillis(10));
    Task again = lease("greet");

    assertThat(again.id()).isEqualTo(task.id());
    assertThat(again.pollCount()).isEqualTo(2);
    assertThat(again.output().asMap()).isEqualTo(Map.of("page", 2));
  }

  @Test
  void aLeaseThatNobodyAnswersTimesOutAndIsTriedAgainUnderANewId() {
    server.define(
        "greet",
        TaskTypeSpec.defaults().withResponseTimeout(Duration.ofSeconds(10)).withRetries(1));
    String id = server.submit("greet", Map.of("n", 7));
    Task task = lease("greet");
    pass(Duration.ofSeconds(10));

    assertThat(server.state(id).status()).isEqualTo(TaskStatus.TIMED_OUT);
    Task retry = lease("greet");
    assertThat(retry.id()).isNotEqualTo(id).isEqualTo(server.latest(id));
    assertThat(retry.retryCount()).isEqualTo(1);
    assertThat(retry.input().asMap()).isEqualTo(Map.of("n", 7));
    assertThat(retry.workflowId()).isEqualTo(task.workflowId());

    Seen<Void> late = call(client.update(result(task, Outcome.completed())));
    assertThat(late.completed).isTrue();
    assertThat(server.updates(id).get(0).effect()).isEqualTo(UpdateRecord.Effect.LATE);

    pass(Duration.ofSeconds(10));
    assertThat(server.pending()).isZero();
    assertThat(poll("greet", 1).values).isEmpty();
  }

  @Test
  void anExtensionMovesTheResponseTimeoutAndNotTheHardOne() {
    server.define(
        "greet",
        TaskTypeSpec.defaults()
            .withResponseTimeout(Duration.ofSeconds(10))
            .withHardTimeout(Duration.ofSeconds(25))
            .withRetries(0));
    String id = server.submit("greet", Map.of());
    Task task = lease("greet");
    for (int i = 0; i < 2; i++) {
      pass(Duration.ofSeconds(8));
      assertThat(call(client.extendLease(id, task.workflowId(), "w1")).completed).isTrue();
    }
    pass(Duration.ofSeconds(8));
    assertThat(server.state(id).status()).isEqualTo(TaskStatus.IN_PROGRESS);
    pass(Duration.ofSeconds(1));
    assertThat(server.state(id).status()).isEqualTo(TaskStatus.TIMED_OUT);
    assertThat(call(client.extendLease(id, task.workflowId(), "w1")).completed).isTrue();
  }

  @Test
  void aFailureIsTriedAgainAndAFailureForGoodIsNot() {
    String first = server.submit("greet", Map.of());
    call(client.update(result(lease("greet"), Outcome.failed("busy"))));
    assertThat(server.reason(first)).isEqualTo("busy");
    Task retry = lease("greet");
    assertThat(retry.id()).isNotEqualTo(first);

    call(client.update(result(retry, Outcome.failedForGood("never"))));
    assertThat(server.state(retry.id()).status()).isEqualTo(TaskStatus.FAILED_WITH_TERMINAL_ERROR);
    assertThat(server.pending()).isZero();
  }

  @Test
  void whatItDoesNotKnowIsRejectedAndFoundEmpty() {
    Task stranger = Task.builder("nobody", "greet").workflowId("nowhere").build();

    ServerFailure failure = call(client.update(result(stranger, Outcome.completed()))).failure();
    assertThat(failure.kind()).isEqualTo(ServerFailure.Kind.REJECTED);
    assertThat(failure.status()).isEqualTo(404);
    Seen<TaskState> found = call(client.find("nobody"));
    assertThat(found.completed).isTrue();
    assertThat(found.values).isEmpty();
  }

  @Test
  void updateAndPollReportsAndBringsTheNextOrLingersAndIsEmpty() {
    List<String> ids = server.submitMany("greet", 2);
    Task first = lease("greet");
    Seen<Polled> next = call(client.updateAndPoll(result(first, Outcome.completed())));
    assertThat(leased(next)).extracting(Task::id).containsExactly(ids.get(1));
    assertThat(server.state(ids.get(0)).status()).isEqualTo(TaskStatus.COMPLETED);

    long begun = millis();
    Seen<Polled> none =
        call(client.updateAndPoll(result(leased(next).get(0), Outcome.completed())));
    pass(Duration.ofMillis(200));
    assertThat(none.completed).isTrue();
    assertThat(none.values).isEmpty();
    assertThat(none.endedMillis - begun).isEqualTo(102);
    server.assertAllCompleted();
    server.verify();
  }

  @Test
  void aTerminatedWorkflowCancelsItsTaskWhereverItIs() {
    List<String> ids = server.submitMany("greet", 2);
    Task held = lease("greet");
    ids.forEach(server::terminate);

    assertThat(poll("greet", 2).values).isEmpty();
    assertThat(server.state(held.id()).status()).isEqualTo(TaskStatus.CANCELED);
    assertThat(server.leasedNow()).isZero();
    assertThat(call(client.update(result(held, Outcome.completed()))).completed).isTrue();
    assertThat(server.updates(held.id()).get(0).effect()).isEqualTo(UpdateRecord.Effect.LATE);
  }

  @Test
  void logsAndQueueSizesAreAnswered() {
    String id = server.submitMany("greet", 3).get(0);
    assertThat(call(client.queueSize("greet", null)).values).containsExactly(3L);
    assertThat(call(client.queueSize("greet", "blue")).values).containsExactly(0L);
    assertThat(call(client.log(id, "a line")).completed).isTrue();
    assertThat(call(client.log("nobody", "a line")).completed).isTrue();
    assertThat(server.logs(id)).containsExactly("a line");
  }

  @Test
  void aPollWhoseCallerIsGoneLeasesAllTheSame() {
    String id = server.submit("greet", Map.of());
    Seen<Polled> seen = new Seen<>(client.poll(ask("greet", 1, Duration.ZERO)));
    seen.subscription.dispose();
    pass(Duration.ofMillis(2));

    assertThat(server.state(id).status()).isEqualTo(TaskStatus.IN_PROGRESS);
    assertThat(server.leases(id).get(0).deliveries()).isZero();
    assertThat(server.polls().get(0).ending()).isEqualTo(CallRecord.Ending.CANCELLED);
  }

  @Test
  void eachCallIsBookedWithItsBeginItsEndAndHowItEnded() {
    pass(Duration.ofMillis(40));
    server.script(Call.POLL).next(Fault.overloaded(Duration.ofSeconds(3)));
    poll("greet", 4);
    poll("greet", 4);

    assertThat(server.polls())
        .extracting(
            CallRecord::count, CallRecord::beginMillis, CallRecord::endMillis, CallRecord::ending)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(4, 40L, 42L, CallRecord.Ending.FAILED),
            org.assertj.core.groups.Tuple.tuple(4, 42L, 44L, CallRecord.Ending.ANSWERED));
    assertThat(Objects.requireNonNull(server.polls().get(0).failure()).retryAfter())
        .isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void anOutputThatWasNotEncodedIsNotCarried() {
    server.submit("greet", Map.of());
    Task task = lease("greet");
    TaskUpdate raw = TaskUpdate.of(task, Outcome.completed(Map.of("a", 1)), "w1");

    assertThat(call(client.update(raw)).error)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not been encoded");
    assertThat(server.updates()).isEmpty();
  }

  @Test
  void anEmptyOutputIsCarried() {
    String id = server.submit("greet", Map.of());
    call(client.update(TaskUpdate.of(lease("greet"), Outcome.completed(), "w1")));
    assertThat(server.output(id)).isEqualTo(Payload.empty().asMap());
  }

  @Test
  void nonsenseIsRefusedByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> server.latency(Duration.ZERO))
        .withMessageContaining("PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> server.state("task-9"))
        .withMessageContaining("task-9");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> server.script(Call.FIND).always(Fault.cut(1)))
        .withMessageContaining("CUT(1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TaskTypeSpec.defaults().withRetries(-1))
        .withMessageContaining("-1");
  }

  @Test
  void theMostLeasesAtOnceAreCountedPerTypeAndInAll() {
    server.submitMany("greet", 3);
    server.submitMany("part", 1);
    List<Task> tasks = leased(poll("greet", 2));
    call(client.update(result(tasks.get(0), Outcome.completed())));
    poll("greet", 1);
    poll("part", 1);

    assertThat(server.maxLeased("greet")).isEqualTo(2);
    assertThat(server.maxLeased("part")).isEqualTo(1);
    assertThat(server.maxLeased()).isEqualTo(3);
    assertThat(server.leasedNow()).isEqualTo(3);
  }
}
