package dev.holdfast.local;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker reports about a task.
 *
 * @param output an object as JSON text
 */
record TaskResult(
    String workflowId,
    String taskId,
    Status status,
    String output,
    @Nullable String reason,
    int callbackAfterSeconds,
    @Nullable String workerId,
    List<LogLine> logs,
    boolean extendLease) {

  /** What can be reported. */
  enum Status {
    IN_PROGRESS,
    COMPLETED,
    FAILED,
    FAILED_WITH_TERMINAL_ERROR,
    CANCELED
  }
}
