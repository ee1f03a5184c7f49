package dev.holdfast.worker;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.outage.OutageState;
import dev.holdfast.store.FinalStatus;
import dev.holdfast.task.Attempt;
import java.time.Duration;
import java.util.List;

/** Something that happened in a worker, for people and dashboards: see {@link Worker#events()}. */
public sealed interface WorkerEvent {

  /**
   * The worker began to poll.
   *
   * @param workerId the worker
   * @param taskTypes what it polls
   */
  record Started(String workerId, List<String> taskTypes) implements WorkerEvent {}

  /** A poll came to its end: a sign of life, or of none. */
  sealed interface PollEnded extends WorkerEvent {
    /** {@return the task type} */
    String taskType();
  }

  /**
   * A poll was answered. An empty answer is a sign of life too.
   *
   * @param taskType the task type
   * @param asked how many it asked for
   * @param received how many came
   * @param took how long it took
   */
  record PollAnswered(String taskType, int asked, int received, Duration took)
      implements PollEnded {}

  /**
   * A poll failed.
   *
   * @param taskType the task type
   * @param received how many came before it failed
   * @param failure why
   * @param retryIn how long the type waits before it is asked again
   */
  record PollFailed(String taskType, int received, ServerFailure failure, Duration retryIn)
      implements PollEnded {}

  /**
   * What the worker makes of a server has changed: it is in outage, on its way back, well, or given
   * up; or some of its channels fail while others are answered.
   *
   * @param region the server
   * @param state how it does now
   */
  record ServerChanged(String region, OutageState state) implements WorkerEvent {}

  /**
   * A handler was started.
   *
   * @param attempt the attempt
   * @param taskType its task type
   */
  record TaskStarted(Attempt attempt, String taskType) implements WorkerEvent {}

  /**
   * An attempt got its final, and its result, if any, is in the outbox.
   *
   * @param attempt the attempt
   * @param taskType its task type
   * @param status how it ended
   * @param took from the poll's receipt
   */
  record TaskFinished(Attempt attempt, String taskType, FinalStatus status, Duration took)
      implements WorkerEvent {}

  /**
   * The server has answered for a result.
   *
   * @param attempt the attempt
   * @param tries how often it was sent
   */
  record ResultDelivered(Attempt attempt, int tries) implements WorkerEvent {}

  /**
   * Sending a result failed; it is tried again.
   *
   * @param attempt the attempt
   * @param tries how often it was sent so far
   * @param failure why
   * @param retryIn how long it waits
   */
  record UpdateFailed(Attempt attempt, int tries, ServerFailure failure, Duration retryIn)
      implements WorkerEvent {}

  /**
   * The server refused a result for good. It is kept as a dead letter.
   *
   * @param attempt the attempt
   * @param failure why
   */
  record ResultRejected(Attempt attempt, ServerFailure failure) implements WorkerEvent {}

  /**
   * The task was no longer this attempt's when its result was to be sent again, so it was not.
   *
   * @param attempt the attempt
   */
  record ResultLate(Attempt attempt) implements WorkerEvent {}

  /**
   * A handler ran on after it was cancelled, until the drain ended: its lease lapses, and the task
   * may run twice.
   *
   * @param attempt the attempt
   */
  record HandlerAbandoned(Attempt attempt) implements WorkerEvent {}

  /** The worker was asked to stop and drains. */
  record Draining() implements WorkerEvent {}

  /**
   * The worker has ended.
   *
   * @param stats what it did
   */
  record Stopped(WorkerStats stats) implements WorkerEvent {}
}
