package dev.holdfast.task;

/**
 * Thrown or emitted by a handler to say that a retry would fail as well: the task ends as {@link
 * Outcome.FailedForGood} with this message as its reason.
 */
public class NonRetryableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates one.
   *
   * @param reason one line for people
   */
  public NonRetryableException(String reason) {
    super(reason);
  }

  /**
   * Creates one with a cause.
   *
   * @param reason one line for people
   * @param cause what went wrong
   */
  public NonRetryableException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
