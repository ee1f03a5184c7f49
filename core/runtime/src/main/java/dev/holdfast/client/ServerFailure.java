package dev.holdfast.client;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call to the task server that failed, typed by what the caller should do about it. It is an
 * expected error, so it carries no stack trace; its message is one bounded line.
 *
 * <p>Made with {@link #of} and the withers, which copy.
 */
public final class ServerFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;
  private static final int MAX_MESSAGE = 300;

  /** What kind of failure it is. */
  public enum Kind {
    /** No answer: refused, reset, timed out, no such host. Try again later. */
    UNREACHABLE,
    /** 429, 502, 503 or 504: the server is there and can't cope. Try again later. */
    OVERLOADED,
    /** 401 or 403: the credentials are missing, wrong or expired. */
    UNAUTHORIZED,
    /**
     * The server said no for good: a 4xx with the API's error body, except 401, 403, 408 and 429.
     */
    REJECTED,
    /** Any other answer: a 5xx, or something that isn't the API's, such as HTML or cut JSON. */
    BROKEN
  }

  private final Kind kind;
  private final int status;
  private final boolean maybeApplied;
  private final boolean replyCut;
  private final boolean retryable;
  private final @Nullable Duration retryAfter;

  private ServerFailure(
      Kind kind,
      String message,
      @Nullable Throwable cause,
      int status,
      boolean maybeApplied,
      boolean replyCut,
      boolean retryable,
      @Nullable Duration retryAfter) {
    super(message, cause, false, false);
    this.kind = kind;
    this.status = status;
    this.maybeApplied = maybeApplied;
    this.replyCut = replyCut;
    this.retryable = retryable;
    this.retryAfter = retryAfter;
  }

  /**
   * A failure of a call that was certainly not carried out, and that a retry may help.
   *
   * @param kind its kind
   * @param message one line for people; line breaks are folded and what exceeds 300 characters cut
   * @param cause what the transport said, or null
   * @return the failure
   */
  public static ServerFailure of(Kind kind, String message, @Nullable Throwable cause) {
    Objects.requireNonNull(kind, "kind");
    return new ServerFailure(kind, oneLine(message), cause, 0, false, false, true, null);
  }

  /**
   * Sets the HTTP status.
   *
   * @param code the status of the answer
   * @return a copy
   */
  public ServerFailure withStatus(int code) {
    return new ServerFailure(
        kind, text(), getCause(), code, maybeApplied, replyCut, retryable, retryAfter);
  }

  /**
   * Sets whether the server may have carried the call out.
   *
   * @param maybe true if only the answer may have been lost
   * @return a copy
   */
  public ServerFailure withMaybeApplied(boolean maybe) {
    return new ServerFailure(
        kind, text(), getCause(), status, maybe, replyCut, retryable, retryAfter);
  }

  /**
   * Sets whether the answer broke off after it had begun.
   *
   * @param cut true if part of it came
   * @return a copy
   */
  public ServerFailure withReplyCut(boolean cut) {
    return new ServerFailure(
        kind, text(), getCause(), status, maybeApplied, cut, retryable, retryAfter);
  }

  /**
   * Sets the server's hint whether a retry can help.
   *
   * @param hint the hint
   * @return a copy
   */
  public ServerFailure withRetryable(boolean hint) {
    return new ServerFailure(
        kind, text(), getCause(), status, maybeApplied, replyCut, hint, retryAfter);
  }

  /**
   * Sets how long the server asks callers to stay away.
   *
   * @param delay the delay, or null if it did not say
   * @return a copy
   */
  public ServerFailure withRetryAfter(@Nullable Duration delay) {
    return new ServerFailure(
        kind, text(), getCause(), status, maybeApplied, replyCut, retryable, delay);
  }

  /** {@return what kind of failure it is} */
  public Kind kind() {
    return kind;
  }

  /** {@return the HTTP status of the answer, 0 if there was none} */
  public int status() {
    return status;
  }

  /** {@return whether the server may have carried the call out and only the answer was lost} */
  public boolean maybeApplied() {
    return maybeApplied;
  }

  /** {@return whether the answer broke off after it had begun} */
  public boolean replyCut() {
    return replyCut;
  }

  /** {@return the server's hint whether a retry can help; true if it gave none} */
  public boolean retryable() {
    return retryable;
  }

  /** {@return how long the server asks callers to stay away, or null if it did not say} */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** {@return one bounded line for people, never null} */
  public String text() {
    return Objects.requireNonNullElse(getMessage(), "");
  }

  private static String oneLine(String message) {
    String folded = message.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}\\s]+", " ").strip();
    if (folded.length() <= MAX_MESSAGE) {
      return folded;
    }
    boolean splits = Character.isHighSurrogate(folded.charAt(MAX_MESSAGE - 2));
    return folded.substring(0, splits ? MAX_MESSAGE - 2 : MAX_MESSAGE - 1) + "…";
  }
}
