package dev.holdfast.client;

import dev.holdfast.task.Outcome;
import dev.holdfast.task.Payload;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A result on its way to the server. Its payload is encoded, so that it can be kept and sent again.
 *
 * @param taskId the task
 * @param workflowId its workflow instance
 * @param status {@code COMPLETED}, {@code FAILED}, {@code FAILED_WITH_TERMINAL_ERROR}, or {@code
 *     IN_PROGRESS} to hand the task back
 * @param output the output; empty for none
 * @param reason why it failed, or null
 * @param callbackAfter with {@code IN_PROGRESS}: when the task is handed out again, in whole
 *     seconds, rounded up
 * @param workerId the worker id under which it was leased
 */
public record TaskUpdate(
    String taskId,
    String workflowId,
    TaskStatus status,
    Payload output,
    @Nullable String reason,
    Duration callbackAfter,
    String workerId) {

  /** Checks the parts. {@inheritDoc} */
  public TaskUpdate {
    Objects.requireNonNull(taskId, "taskId");
    Objects.requireNonNull(workflowId, "workflowId");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(callbackAfter, "callbackAfter");
    Objects.requireNonNull(workerId, "workerId");
    switch (status) {
      case COMPLETED, FAILED, FAILED_WITH_TERMINAL_ERROR, IN_PROGRESS -> {}
      case SCHEDULED, COMPLETED_WITH_ERRORS, TIMED_OUT, CANCELED, SKIPPED, UNKNOWN ->
          throw new IllegalArgumentException(
              "status is " + status + ": expected one that a worker reports");
    }
  }

  /**
   * The update that reports an outcome.
   *
   * @param task the task
   * @param outcome how it ended, its output {@linkplain Payload#encode encoded}
   * @param workerId the worker id under which it was leased
   * @return the update
   */
  public static TaskUpdate of(Task task, Outcome outcome, String workerId) {
    TaskStatus status;
    String reason = null;
    Duration callbackAfter = Duration.ZERO;
    if (outcome instanceof Outcome.Completed) {
      status = TaskStatus.COMPLETED;
    } else if (outcome instanceof Outcome.Failed failed) {
      status = TaskStatus.FAILED;
      reason = failed.reason();
    } else if (outcome instanceof Outcome.FailedForGood failed) {
      status = TaskStatus.FAILED_WITH_TERMINAL_ERROR;
      reason = failed.reason();
    } else if (outcome instanceof Outcome.RetryLater later) {
      status = TaskStatus.IN_PROGRESS;
      callbackAfter = later.delay();
    } else {
      throw new IllegalStateException("outcome of an unknown kind: " + outcome);
    }
    return new TaskUpdate(
        task.id(), task.workflowId(), status, outcome.output(), reason, callbackAfter, workerId);
  }

  /**
   * The update that hands a task back at once, as if it had not been leased.
   *
   * @param task the task
   * @param workerId the worker id under which it was leased
   * @return the update
   */
  public static TaskUpdate release(Task task, String workerId) {
    return new TaskUpdate(
        task.id(),
        task.workflowId(),
        TaskStatus.IN_PROGRESS,
        Payload.empty(),
        null,
        Duration.ZERO,
        workerId);
  }

  /**
   * Whether sending it twice is harmless. Handing a task back is not: a second time would pull it
   * from its next holder.
   *
   * @return true for the terminal ones
   */
  public boolean isIdempotent() {
    return status.isTerminal();
  }
}
