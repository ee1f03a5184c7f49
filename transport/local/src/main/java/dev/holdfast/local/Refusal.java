package dev.holdfast.local;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that is answered with an error and changes nothing. Its statuses are those of
 * Conductor, which answers 500 to what it can't read.
 */
final class Refusal extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What is wrong with a value of the request. */
  record Flaw(String path, String message, @Nullable String invalidValue) {
    static Flaw of(String path, String message) {
      return new Flaw(path, message, null);
    }
  }

  private final int status;
  private final boolean retryable;
  private final transient List<Flaw> flaws;

  private Refusal(int status, boolean retryable, String message, List<Flaw> flaws) {
    super(message, null, false, false);
    this.status = status;
    this.retryable = retryable;
    this.flaws = flaws;
  }

  /** What is asked for is not there. */
  static Refusal notFound(String message) {
    return new Refusal(404, false, message, List.of());
  }

  /** The request can't be carried out, now or later. */
  static Refusal bad(String message) {
    return new Refusal(400, false, message, List.of());
  }

  /** Whoever asks is not to be served. */
  static Refusal forbidden(String message) {
    return new Refusal(403, false, message, List.of());
  }

  /** Values of the request are not valid. */
  static Refusal invalid(List<Flaw> flaws) {
    return new Refusal(
        400, false, "Validation failed, check below errors for detail.", List.copyOf(flaws));
  }

  /** It is in conflict with what is there. */
  static Refusal conflict(String message) {
    return new Refusal(409, false, message, List.of());
  }

  /** The request can't be read, or is of no kind that is known. */
  static Refusal unreadable(String message) {
    return new Refusal(500, false, message, List.of());
  }

  /** There is no room now. */
  static Refusal full(String message) {
    return new Refusal(429, true, message, List.of());
  }

  /** The request's body is too large. */
  static Refusal tooLarge(String message) {
    return new Refusal(413, false, message, List.of());
  }

  /** State can't be kept or read now. */
  static Refusal unavailable(String message) {
    return new Refusal(503, true, message, List.of());
  }

  int status() {
    return status;
  }

  boolean isRetryable() {
    return retryable;
  }

  List<Flaw> flaws() {
    return flaws;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
