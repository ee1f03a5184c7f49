package dev.holdfast.local;

/** Where a task stands, in Conductor's words. */
enum TaskStatus {
  SCHEDULED,
  IN_PROGRESS,
  COMPLETED,
  FAILED,
  FAILED_WITH_TERMINAL_ERROR,
  TIMED_OUT,
  CANCELED;

  boolean isTerminal() {
    return this != SCHEDULED && this != IN_PROGRESS;
  }

  boolean isFailure() {
    return this == FAILED || this == FAILED_WITH_TERMINAL_ERROR;
  }

  boolean mayBeRetried() {
    return this == FAILED || this == TIMED_OUT;
  }
}
