package dev.holdfast.task;

import java.time.Duration;
import reactor.core.publisher.Mono;

/** What a handler knows of the attempt it works on. Thread-safe. */
public interface TaskContext {

  /** {@return the task as the server handed it out} */
  Task task();

  /** {@return the attempt: region, task id and poll count} */
  Attempt attempt();

  /** {@return the task's input, not decoded yet} */
  default Payload input() {
    return task().input();
  }

  /**
   * The key under which to make side effects idempotent, since delivery is at least once.
   *
   * @return {@code workflowInstanceId/referenceTaskName/iteration}: the same for every attempt and
   *     every retry of that step
   */
  default String idempotencyKey() {
    return task().workflowId() + "/" + task().referenceName() + "/" + task().iteration();
  }

  /**
   * The time left until the deadline, at which the handler is cancelled.
   *
   * @return zero once it has passed
   */
  Duration remaining();

  /**
   * {@return whether the attempt was cancelled: its deadline passed, the worker is stopping, its
   * lease is lost, or the task has ended at the server}
   */
  boolean isCancelled();

  /**
   * Completes when the attempt is cancelled, at once if it was. A reactive handler is cancelled
   * through its subscription and rarely needs this; a blocking one is also interrupted.
   *
   * @return a mono that never errors, and that does not complete if the handler ends by itself
   */
  Mono<Void> cancelled();

  /**
   * Completes when the lease may have lapsed, at once if it may have: the server was away for
   * longer than the task's response timeout, and may give the task to somebody else. The handler is
   * cancelled then, unless its task type {@linkplain
   * dev.holdfast.worker.TaskSpec#cancelsOnLeaseLoss(boolean) says otherwise}.
   *
   * @return a mono that never errors, and that does not complete if the lease is kept
   */
  Mono<Void> leaseLost();
}
