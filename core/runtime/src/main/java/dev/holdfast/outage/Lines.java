package dev.holdfast.outage;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What people read. Times are rounded to seconds, or to milliseconds if the limit is not one of
 * whole seconds, and are never zero: the first line of an outage reads {@code 1s}.
 */
final class Lines {

  private final String prefix;
  private final @Nullable Duration limit;
  private final boolean inMillis;

  Lines(@Nullable String region, @Nullable Duration limit) {
    this.prefix = region == null ? "" : oneLine(region) + ": ";
    this.limit = limit;
    this.inMillis = limit != null && !limit.equals(Duration.ofSeconds(limit.toSeconds()));
  }

  String retrying(Kind kind, long elapsedNanos, boolean elsewhere) {
    String what = kind == Kind.OVERLOADED ? "overloaded" : "unreachable";
    return prefix + "Server " + what + retrying(elapsedNanos, elsewhere);
  }

  String retrying(Channel channel, ServerFailure failure, long elapsedNanos, boolean elsewhere) {
    String what =
        switch (failure.kind()) {
          case REJECTED -> "rejects ";
          case UNAUTHORIZED -> "refuses the credentials for ";
          case BROKEN, OVERLOADED, UNREACHABLE -> "has no usable answer for ";
        };
    return prefix
        + "Server "
        + what
        + oneLine(channel.toString())
        + retrying(elapsedNanos, elsewhere)
        + ". Last error: "
        + failure.text();
  }

  private String retrying(long elapsedNanos, boolean elsewhere) {
    String elapsed = time(elapsedNanos);
    if (elsewhere) {
      return " — retrying (" + elapsed + " elapsed, another region answers)";
    }
    return limit == null
        ? " — retrying (" + elapsed + " elapsed, no limit)"
        : " — retrying (" + elapsed + "/" + time(limit.toNanos()) + " elapsed)";
  }

  String answersAgain(Kind kind, long lastingNanos, long attempts) {
    String what = kind == Kind.OVERLOADED ? "answers" : "reachable";
    return prefix + "Server " + what + " again after " + tally(lastingNanos, attempts);
  }

  String answersAgain(Channel channel, long lastingNanos, long attempts) {
    return prefix
        + "Server answers "
        + oneLine(channel.toString())
        + " again after "
        + tally(lastingNanos, attempts);
  }

  String gaveUp(Kind kind, ServerFailure last) {
    String what =
        switch (kind) {
          case UNREACHABLE -> "unreachable";
          case OVERLOADED -> "overloaded";
          case UNAUTHORIZED -> "refuses the credentials";
          case REJECTED -> "rejects the polls of every task type";
          case BROKEN -> "has no usable answer for the polls of any task type";
        };
    String check =
        switch (kind) {
          case UNAUTHORIZED -> " Check the key and its secret, and what they are allowed to poll.";
          case REJECTED -> " Check the server's address and the names of the task types.";
          case BROKEN -> " Check that the address is that of the server's API.";
          case UNREACHABLE, OVERLOADED -> "";
        };
    return prefix
        + "Server "
        + what
        + " for >"
        + time(Objects.requireNonNull(limit).toNanos())
        + ", shutting down."
        + check
        + " Last error: "
        + last.text();
  }

  /** Why a call failed, for the log at DEBUG. */
  static String cause(Channel channel, ServerFailure failure) {
    Throwable cause = failure.getCause();
    return "One of the "
        + oneLine(channel.toString())
        + " failed: "
        + failure.text()
        + (cause == null ? "" : " (" + oneLine(cause.toString()) + ")");
  }

  private String tally(long lastingNanos, long attempts) {
    return time(lastingNanos) + " (" + attempts + (attempts == 1 ? " attempt)" : " attempts)");
  }

  private String time(long nanos) {
    long unit = inMillis ? TimeUnit.MILLISECONDS.toNanos(1) : TimeUnit.SECONDS.toNanos(1);
    long rounded = nanos / unit + (nanos % unit >= unit / 2 ? 1 : 0);
    return Math.max(1, rounded) + (inMillis ? "ms" : "s");
  }

  /** Folded and cut as the message of a failure is. */
  private static String oneLine(String text) {
    return ServerFailure.of(Kind.BROKEN, text, null).text();
  }
}
