package dev.holdfast.testkit;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Something that goes wrong with one call to the fake server. Immutable. */
public final class Fault {

  /** How the server goes about it. */
  enum Kind {
    NONE,
    REFUSE,
    FAIL,
    APPLY_AND_FAIL,
    HANG,
    DELAY,
    OVER_DELIVER,
    DUPLICATE,
    CUT,
    UNUSABLE
  }

  private final Kind kind;
  private final int number;
  private final Duration delay;
  private final @Nullable ServerFailure failure;

  private Fault(Kind kind, int number, Duration delay, @Nullable ServerFailure failure) {
    this.kind = kind;
    this.number = number;
    this.delay = delay;
    this.failure = failure;
  }

  private static Fault of(Kind kind, int number) {
    return new Fault(kind, number, Duration.ZERO, null);
  }

  private static Fault failing(Kind kind, ServerFailure failure) {
    return new Fault(kind, 0, Duration.ZERO, Objects.requireNonNull(failure, "failure"));
  }

  /** {@return no fault: a place in a script for a call that goes well} */
  public static Fault none() {
    return of(Kind.NONE, 0);
  }

  /** {@return TCP says no: unreachable, certainly not carried out} */
  public static Fault refuse() {
    return of(Kind.REFUSE, 0);
  }

  /**
   * The server answers with a failure and does nothing.
   *
   * @param failure what the caller sees
   * @return the fault
   */
  public static Fault fail(ServerFailure failure) {
    return failing(Kind.FAIL, failure);
  }

  /**
   * The server answers with a failure of a kind and does nothing: refused, 503, 401, 400 or 500.
   *
   * @param kind the kind
   * @return the fault
   */
  public static Fault fail(ServerFailure.Kind kind) {
    return switch (kind) {
      case UNREACHABLE -> refuse();
      case OVERLOADED -> overloaded(null);
      case UNAUTHORIZED -> unauthorized();
      case REJECTED -> rejected();
      case BROKEN -> broken(true);
    };
  }

  /**
   * The server answers 503 and does nothing.
   *
   * @param retryAfter how long it asks callers to stay away, or null
   * @return the fault
   */
  public static Fault overloaded(@Nullable Duration retryAfter) {
    return fail(
        ServerFailure.of(ServerFailure.Kind.OVERLOADED, "503 Service Unavailable", null)
            .withStatus(503)
            .withRetryAfter(retryAfter));
  }

  /** {@return the server answers 401 and does nothing} */
  public static Fault unauthorized() {
    return fail(
        ServerFailure.of(ServerFailure.Kind.UNAUTHORIZED, "401 INVALID_TOKEN", null)
            .withStatus(401)
            .withRetryable(false));
  }

  /** {@return the server answers 400 with its error body and does nothing} */
  public static Fault rejected() {
    return fail(
        ServerFailure.of(ServerFailure.Kind.REJECTED, "400 the request is invalid", null)
            .withStatus(400)
            .withRetryable(false));
  }

  /**
   * The server answers 500 and does nothing.
   *
   * @param retryable its hint whether a retry can help
   * @return the fault
   */
  public static Fault broken(boolean retryable) {
    return fail(
        ServerFailure.of(ServerFailure.Kind.BROKEN, "500 Internal Server Error", null)
            .withStatus(500)
            .withRetryable(retryable));
  }

  /**
   * The server carries the call out and answers 500 all the same, as Conductor does when the
   * workflow's next decision fails.
   *
   * @return the fault
   */
  public static Fault brokenAfterApplying() {
    return failing(
        Kind.APPLY_AND_FAIL,
        ServerFailure.of(ServerFailure.Kind.BROKEN, "500 Internal Server Error", null)
            .withStatus(500)
            .withMaybeApplied(true));
  }

  /**
   * The server carries the call out and its answer is lost: unreachable, maybe carried out.
   *
   * @return the fault
   */
  public static Fault loseAnswer() {
    return failing(
        Kind.APPLY_AND_FAIL,
        ServerFailure.of(ServerFailure.Kind.UNREACHABLE, "Connection reset before the answer", null)
            .withMaybeApplied(true));
  }

  /**
   * Nothing ever comes back, and nothing is carried out; the client's own deadline ends the call:
   * unreachable, maybe carried out.
   *
   * @return the fault
   */
  public static Fault hang() {
    return of(Kind.HANG, 0);
  }

  /**
   * The call is carried out when it arrives and answered later.
   *
   * @param delay how much later
   * @return the fault
   */
  public static Fault delay(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("delay is " + delay + ": expected zero or more");
    }
    return new Fault(Kind.DELAY, 0, delay, null);
  }

  /**
   * A poll leases and brings more than was asked for, if there is as much.
   *
   * @param more how many more, 1 or more
   * @return the fault
   */
  public static Fault overDeliver(int more) {
    return of(Kind.OVER_DELIVER, atLeast(1, "more", more));
  }

  /** {@return each element of a poll's answer comes twice} */
  public static Fault duplicate() {
    return of(Kind.DUPLICATE, 0);
  }

  /**
   * A poll's answer breaks off; what it did not bring stays leased.
   *
   * @param elements how many elements come first, 0 or more
   * @return the fault
   */
  public static Fault cut(int elements) {
    return of(Kind.CUT, atLeast(0, "elements", elements));
  }

  /**
   * One element of the answer can't be used.
   *
   * @param element which one; the first is 1
   * @return the fault
   */
  public static Fault unusable(int element) {
    return of(Kind.UNUSABLE, atLeast(1, "element", element));
  }

  Kind kind() {
    return kind;
  }

  int number() {
    return number;
  }

  Duration answerDelay() {
    return delay;
  }

  @Nullable ServerFailure failure() {
    return failure;
  }

  /** Whether the fault means anything to calls of a kind. */
  boolean suits(Call call) {
    return switch (kind) {
      case OVER_DELIVER, DUPLICATE, CUT -> call == Call.POLL;
      case UNUSABLE -> call.leases();
      case NONE, REFUSE, FAIL, APPLY_AND_FAIL, HANG, DELAY -> true;
    };
  }

  private static int atLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(
          name + " is " + value + ": expected " + least + " or more");
    }
    return value;
  }

  @Override
  public String toString() {
    return switch (kind) {
      case OVER_DELIVER, CUT, UNUSABLE -> kind + "(" + number + ")";
      case DELAY -> kind + "(" + delay + ")";
      case FAIL, APPLY_AND_FAIL -> kind + "(" + (failure == null ? "" : failure.text()) + ")";
      case NONE, REFUSE, HANG, DUPLICATE -> kind.toString();
    };
  }
}
