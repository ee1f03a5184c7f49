package dev.holdfast.client;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the server says of a task when asked.
 *
 * @param taskId its id
 * @param workflowId the workflow instance's id
 * @param status its status
 * @param pollCount how often it has been handed out
 * @param workerId the worker that it was last handed to, or null if the server did not say
 */
public record TaskState(
    String taskId, String workflowId, TaskStatus status, int pollCount, @Nullable String workerId) {

  /** Checks the parts. {@inheritDoc} */
  public TaskState {
    Objects.requireNonNull(taskId, "taskId");
    Objects.requireNonNull(workflowId, "workflowId");
    Objects.requireNonNull(status, "status");
  }

  /**
   * Whether an attempt still holds the task. The server fences nothing, so this is what stands
   * between an old holder and a newer one's work.
   *
   * @param attemptPollCount the attempt's poll count
   * @param attemptWorkerId the worker id under which it was leased
   * @return true if the task is in progress under just that lease
   */
  public boolean isHeldBy(int attemptPollCount, String attemptWorkerId) {
    return status == TaskStatus.IN_PROGRESS
        && pollCount == attemptPollCount
        && attemptWorkerId.equals(workerId);
  }
}
