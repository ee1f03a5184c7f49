package dev.holdfast.testkit;

/**
 * One run of a handler as the fake server {@linkplain FakeTaskServer#observe observed} it. Instants
 * are milliseconds of the server's scheduler.
 *
 * @param taskId the task
 * @param workflowId its workflow
 * @param pollCount the attempt
 * @param beginMillis when the handler was called
 * @param endMillis when it ended, -1 while it runs
 * @param ending how it ended
 */
public record RunRecord(
    String taskId,
    String workflowId,
    int pollCount,
    long beginMillis,
    long endMillis,
    Ending ending) {

  /** How a run ended. */
  public enum Ending {
    /** It has not ended. */
    RUNNING,
    /** With a value or without. */
    COMPLETED,
    /** With an error, emitted or thrown. */
    FAILED,
    /** It was cancelled. */
    CANCELLED
  }
}
