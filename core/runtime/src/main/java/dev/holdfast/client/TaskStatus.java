package dev.holdfast.client;

/** A task's status at the server. The names are those of Conductor's API. */
public enum TaskStatus {
  /** In the queue. */
  SCHEDULED,
  /** Leased, or called back later. */
  IN_PROGRESS,
  /** Done. */
  COMPLETED,
  /** Done as far as its workflow is concerned. */
  COMPLETED_WITH_ERRORS,
  /** Failed. */
  FAILED,
  /** Failed, never to be retried. */
  FAILED_WITH_TERMINAL_ERROR,
  /** Its lease or its hard limit passed. */
  TIMED_OUT,
  /** Its workflow was ended. */
  CANCELED,
  /** Never run, on purpose. */
  SKIPPED,
  /** A name that this version does not know. */
  UNKNOWN;

  /** {@return whether the task has ended, so that an answer for it would be discarded} */
  public boolean isTerminal() {
    return switch (this) {
      case SCHEDULED, IN_PROGRESS, UNKNOWN -> false;
      case COMPLETED,
          COMPLETED_WITH_ERRORS,
          FAILED,
          FAILED_WITH_TERMINAL_ERROR,
          TIMED_OUT,
          CANCELED,
          SKIPPED ->
          true;
    };
  }
}
