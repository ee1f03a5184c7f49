package dev.holdfast.outage;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;

/**
 * The server failed for longer than the limit. It is an expected end, so it carries no stack trace;
 * its message is the line in the log.
 */
public final class GaveUpException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Kind kind;
  private final ServerFailure last;

  GaveUpException(String line, Kind kind, ServerFailure last) {
    super(line, last, false, false);
    this.kind = kind;
    this.last = last;
  }

  /**
   * Why: {@link Kind#UNREACHABLE} or {@link Kind#OVERLOADED}, the server; the others, the polls of
   * every task type: {@link Kind#UNAUTHORIZED} only if each was unauthorised.
   *
   * @return the kind of failure that lasted
   */
  public Kind kind() {
    return kind;
  }

  /** {@return the last failure} */
  public ServerFailure last() {
    return last;
  }
}
