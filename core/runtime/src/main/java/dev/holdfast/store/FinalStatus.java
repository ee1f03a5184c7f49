package dev.holdfast.store;

/** How an attempt ended. Each attempt gets exactly one, and it never changes. */
public enum FinalStatus {
  /** The handler completed. */
  COMPLETED,
  /** The handler failed, or the task could not be run. */
  FAILED,
  /** Failed, and a retry would fail as well. */
  FAILED_FOR_GOOD,
  /** The handler asked for a later attempt. */
  RETRY_LATER,
  /** Handed back to the server without a result. */
  RELEASED,
  /** The handler was cancelled and nothing is to be sent. */
  CANCELLED
}
