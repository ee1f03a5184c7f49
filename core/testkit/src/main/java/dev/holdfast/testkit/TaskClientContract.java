package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskClient;
import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;

/**
 * What every {@link TaskClient} keeps, against a server that is there and well. A transport
 * implements the hooks and gets the tests; they run in real time, each on a task type of its own,
 * and need a server on which nobody else polls those types.
 *
 * <p>Bounds of time are wide: they tell waiting for nothing from not waiting, not fast from slow.
 */
@Timeout(120)
public interface TaskClientContract {

  /** {@return the client under test; it may be the same for all tests} */
  TaskClient client();

  /**
   * Registers a task type that was never used, and a workflow of one task of it. Its tasks are
   * never retried, have no hard timeout, and a response timeout of at least a minute.
   *
   * @return the task type
   */
  String newTaskType();

  /**
   * Starts one workflow; returns once the server has accepted it. The task's id is learnt by
   * polling.
   *
   * @param taskType a type that {@link #newTaskType()} gave
   * @param domain the domain that its task is routed to, or null for none
   * @param input the task's input
   */
  void submit(String taskType, @Nullable String domain, Map<String, ?> input);

  /**
   * The output that the server keeps of a task.
   *
   * @param taskId the task
   * @return its output, empty if it has none
   */
  Map<String, Object> output(String taskId);

  /** An empty answer is an answer. */
  @Test
  default void anEmptyPollIsEmpty() {
    assertThat(Steps.poll(client(), Steps.request(newTaskType(), 5, Duration.ZERO))).isEmpty();
  }

  /** Input comes as it was given. */
  @Test
  default void aPollBringsTheTaskWithItsInputAndItsIds() {
    String type = newTaskType();
    Map<String, Object> input =
        Map.of(
            "text",
            "Grüße, \"Ada\"\n𝄞",
            "number",
            42,
            "long",
            1L << 40,
            "fraction",
            0.5,
            "yes",
            true,
            "list",
            List.of(1, "two", Map.of("three", 3)));
    submit(type, null, input);

    Task task = Steps.lease(client(), type);

    assertThat(task.input().asMap()).isEqualTo(input);
    assertThat(task.type()).isEqualTo(type);
    assertThat(task.pollCount()).isEqualTo(1);
    assertThat(task.workflowId()).isNotBlank();
    assertThat(task.workerId()).isEqualTo(Steps.WORKER);
    assertThat(task.domain()).isNull();
    assertThat(task.output().asMap()).isEmpty();
  }

  /** A poll of two leaves the third. */
  @Test
  default void aPollBringsAtMostWhatItAsksFor() {
    String type = newTaskType();
    for (int i = 0; i < 3; i++) {
      submit(type, null, Map.of("n", i));
    }

    List<Task> first = Steps.leaseAll(client(), type, 2);
    List<Task> rest = Steps.leaseAll(client(), type, 1);

    assertThat(first).hasSize(2);
    assertThat(rest).hasSize(1);
    assertThat(Steps.ids(first, rest)).doesNotHaveDuplicates();
    assertThat(Steps.poll(client(), Steps.request(type, 5, Duration.ZERO))).isEmpty();
  }

  /** What a worker waits with when it is idle. */
  @Test
  default void aLongPollForOneReturnsAsSoonAsItIsThere() {
    String type = newTaskType();
    CompletableFuture<List<Polled>> poll =
        client().poll(Steps.request(type, 1, PollRequest.MAX_WAIT)).collectList().toFuture();
    Steps.pause(Duration.ofMillis(500));
    assertThat(poll).isNotDone();
    long begun = System.nanoTime();
    submit(type, null, Map.of());

    assertThat(Steps.get(poll)).hasSize(1);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
  }

  /** It may wait for more, but it does not lose what is there. */
  @Test
  default void aLongPollForManyBringsWhatThereIs() {
    String type = newTaskType();
    submit(type, null, Map.of());
    long begun = System.nanoTime();

    assertThat(Steps.poll(client(), Steps.request(type, 5, Duration.ofSeconds(2)))).hasSize(1);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
  }

  /** Servers refuse it, so it is not sent. */
  @Test
  default void aWaitThatIsTooLongIsRefusedBeforeItIsSent() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Steps.request("any", 1, PollRequest.MAX_WAIT.plusMillis(1)))
        .withMessageContaining("PT5.001S");
  }

  /** One domain's workers see nothing of another's, nor of none. */
  @Test
  default void domainsAreQueuesOfTheirOwn() {
    String type = newTaskType();
    String domain = "d" + UUID.randomUUID().toString().substring(0, 8);
    submit(type, domain, Map.of("in", "domain"));
    submit(type, null, Map.of("in", "none"));

    Task plain = Steps.lease(client(), type);
    assertThat(plain.input().asMap()).isEqualTo(Map.of("in", "none"));
    assertThat(Steps.poll(client(), Steps.request(type, 2, Duration.ZERO))).isEmpty();
    List<Task> routed =
        Steps.leaseAll(
            client(), new PollRequest(type, Steps.WORKER, domain, 1, Duration.ofSeconds(5)));
    assertThat(routed).hasSize(1);
    assertThat(routed.get(0).input().asMap()).isEqualTo(Map.of("in", "domain"));
    assertThat(routed.get(0).domain()).isEqualTo(domain);
  }

  /** Output is kept as it was given. */
  @Test
  default void aCompletedTaskKeepsItsOutput() {
    Task task = leaseOne();
    Map<String, Object> output = Map.of("said", "hello", "list", List.of(1, 2), "deep", Map.of());

    Steps.update(client(), task, Outcome.completed(output));

    assertThat(Steps.find(client(), task.id()).status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(output(task.id())).isEqualTo(output);
  }

  /** An empty output is a valid one. */
  @Test
  default void aTaskCompletesWithoutOutput() {
    Task task = leaseOne();
    Steps.update(client(), task, Outcome.completed());
    assertThat(Steps.find(client(), task.id()).status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(output(task.id())).isEmpty();
  }

  /** So that it can be repeated when an answer was lost. */
  @Test
  default void aSecondTerminalUpdateIsAnsweredAndIgnored() {
    Task task = leaseOne();
    Steps.update(client(), task, Outcome.completed(Map.of("n", 1)));
    Steps.update(client(), task, Outcome.completed(Map.of("n", 1)));
    Steps.update(client(), task, Outcome.failed("not any more"));

    assertThat(Steps.find(client(), task.id()).status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(output(task.id())).isEqualTo(Map.of("n", 1));
  }

  /** Both ways to fail. */
  @Test
  default void aFailureAndAFailureForGoodAreTwoStatuses() {
    Task failed = leaseOne();
    Steps.update(client(), failed, Outcome.failed("busy"));
    assertThat(Steps.find(client(), failed.id()).status()).isEqualTo(TaskStatus.FAILED);

    Task never = leaseOne();
    Steps.update(client(), never, Outcome.failedForGood("nonsense"));
    assertThat(Steps.find(client(), never.id()).status())
        .isEqualTo(TaskStatus.FAILED_WITH_TERMINAL_ERROR);
  }

  /** The next attempt goes on where this one stopped. Servers may be early by part of the delay. */
  @Test
  default void aRetryLaterComesAgainLaterWithItsOutput() {
    Task task = leaseOne();
    Steps.update(client(), task, Outcome.retryLater(Duration.ofMillis(3500), Map.of("page", 2)));
    assertThat(Steps.poll(client(), Steps.request(task.type(), 1, Duration.ZERO))).isEmpty();
    assertThat(Steps.find(client(), task.id()).isHeldBy(1, Steps.WORKER)).isFalse();

    Task again = Steps.lease(client(), task.type());

    assertThat(again.id()).isEqualTo(task.id());
    assertThat(again.pollCount()).isEqualTo(2);
    assertThat(again.output().asMap()).containsEntry("page", 2);
    assertThat(again.input().asMap()).isEqualTo(task.input().asMap());
  }

  /** What was not started goes to the next worker at once. */
  @Test
  default void aReleasedTaskComesAgainAtOnce() {
    Task task = leaseOne();
    Steps.await(client().update(TaskUpdate.release(task, Steps.WORKER)));

    Task again = Steps.lease(client(), task.type());

    assertThat(again.id()).isEqualTo(task.id());
    assertThat(again.pollCount()).isEqualTo(2);
  }

  /** What decides whether an attempt is still ours. */
  @Test
  default void aHeldTaskIsFoundWithItsHolder() {
    Task task = leaseOne();

    TaskState state = Steps.find(client(), task.id());

    assertThat(state.workflowId()).isEqualTo(task.workflowId());
    assertThat(state.isHeldBy(1, Steps.WORKER)).as("%s is held", state).isTrue();
    assertThat(state.isHeldBy(2, Steps.WORKER)).isFalse();
    assertThat(state.isHeldBy(1, "somebody else")).isFalse();

    Steps.await(client().update(TaskUpdate.release(task, Steps.WORKER)));
    assertThat(Steps.find(client(), task.id()).isHeldBy(1, Steps.WORKER)).isFalse();
  }

  /** Not an error. */
  @Test
  default void anUnknownTaskIsFoundEmpty() {
    assertThat(Steps.await(client().find(UUID.randomUUID().toString()))).isNull();
  }

  /** No retry would help. */
  @Test
  default void anUpdateOfAnUnknownWorkflowIsRejected() {
    Task stranger =
        Task.builder(UUID.randomUUID().toString(), "stranger")
            .workflowId(UUID.randomUUID().toString())
            .build();
    assertThatThrownBy(() -> Steps.update(client(), stranger, Outcome.completed()))
        .isInstanceOfSatisfying(
            ServerFailure.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(ServerFailure.Kind.REJECTED);
              assertThat(failure.status()).isEqualTo(404);
              assertThat(failure.text()).isNotBlank();
            });
  }

  /** Also when it has ended: only find tells. */
  @Test
  default void aLeaseIsExtendedAndTheTaskStaysWhereItIs() {
    Task task = leaseOne();
    Steps.await(client().extendLease(task.id(), task.workflowId(), Steps.WORKER));

    assertThat(Steps.find(client(), task.id()).isHeldBy(1, Steps.WORKER)).isTrue();
    assertThat(Steps.poll(client(), Steps.request(task.type(), 1, Duration.ZERO))).isEmpty();

    Steps.update(client(), task, Outcome.completed());
    Steps.await(client().extendLease(task.id(), task.workflowId(), Steps.WORKER));
    assertThat(Steps.find(client(), task.id()).status()).isEqualTo(TaskStatus.COMPLETED);
  }

  /** Text of any kind. */
  @Test
  default void aLogLineIsAccepted() {
    Steps.await(client().log(leaseOne().id(), "a line, \"quoted\", ünd another\n{}"));
  }

  /** What serves as a probe. */
  @Test
  default void theQueueSizeCountsWhatWaits() {
    String type = newTaskType();
    assertThat(Steps.await(client().queueSize(type, null))).isZero();
    submit(type, null, Map.of());
    submit(type, null, Map.of());
    Steps.until(() -> Long.valueOf(2).equals(Steps.await(client().queueSize(type, null))));
    assertThat(Steps.await(client().queueSize(type, "elsewhere"))).isZero();
  }

  /** One call instead of two. */
  @Test
  default void updateAndPollReportsAndBringsTheNext() {
    String type = newTaskType();
    submit(type, null, Map.of("n", 1));
    submit(type, null, Map.of("n", 2));
    Task first = Steps.lease(client(), type);
    Steps.until(() -> Long.valueOf(1).equals(Steps.await(client().queueSize(type, null))));

    Polled next = Steps.updateAndPoll(client(), first, Outcome.completed(Map.of("done", 1)));

    assertThat(Steps.find(client(), first.id()).status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(output(first.id())).isEqualTo(Map.of("done", 1));
    Task second = Steps.task(next);
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(second.type()).isEqualTo(type);
    assertThat(Steps.find(client(), second.id()).isHeldBy(1, Steps.WORKER)).isTrue();
  }

  /** It reports all the same. */
  @Test
  default void updateAndPollIsEmptyWhenThereIsNoNext() {
    Task task = leaseOne();
    assertThat(Steps.updateAndPoll(client(), task, Outcome.completed())).isNull();
    assertThat(Steps.find(client(), task.id()).status()).isEqualTo(TaskStatus.COMPLETED);
  }

  /** Nothing is sent before. */
  @Test
  default void aPollLeasesNothingBeforeItIsSubscribedTo() {
    String type = newTaskType();
    submit(type, null, Map.of());
    Flux<Polled> cold = client().poll(Steps.request(type, 1, Duration.ofSeconds(5)));
    Steps.pause(Duration.ofMillis(200));
    Steps.until(() -> Long.valueOf(1).equals(Steps.await(client().queueSize(type, null))));
    assertThat(Steps.get(cold.collectList().toFuture())).hasSize(1);
  }

  private Task leaseOne() {
    String type = newTaskType();
    submit(type, null, Map.of("hello", "world"));
    return Steps.lease(client(), type);
  }
}
