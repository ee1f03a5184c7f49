package dev.holdfast.outage;

import dev.holdfast.client.ServerFailure;
import org.jspecify.annotations.Nullable;

/**
 * The failures of one channel in a row, ended only by its own success; it is kept a while after
 * that, for its throttle.
 *
 * <p>Its clock runs while the channel fails although the server answers: from the first failure
 * that is an answer, or else from the first that follows an answer on another channel. So an outage
 * of the server does not count against a channel, and no other channel's success can hide it.
 *
 * @param failures in a row; 0 after a success
 * @param firstNanos the first failure, before the last successes too if those did not last
 * @param sinceNanos the first failure, or the success
 * @param answered whether another channel was answered since the first failure
 * @param clockNanos since when it fails on its own account, or null
 * @param nextLineNanos when it may write to the log again
 * @param warned whether it wrote a line since its last success
 */
record Streak(
    long failures,
    long firstNanos,
    long sinceNanos,
    boolean answered,
    @Nullable Long clockNanos,
    long nextLineNanos,
    boolean warned,
    ServerFailure last) {

  static Streak of(ServerFailure failure, long nowNanos) {
    return new Streak(0, nowNanos, nowNanos, false, null, nowNanos, false, failure);
  }

  boolean fails() {
    return failures > 0;
  }

  /** Whether it fails while the server answers others. */
  boolean isDegraded() {
    return fails() && clockNanos != null;
  }

  /** One that fails again soon after a success is as loud as if there had been none. */
  Streak failed(ServerFailure failure, boolean isAnswer, long nowNanos, long soonNanos) {
    Long clock = clockNanos == null && (isAnswer || answered) ? Long.valueOf(nowNanos) : clockNanos;
    long first = fails() || nowNanos - sinceNanos <= soonNanos ? firstNanos : nowNanos;
    long since = fails() ? sinceNanos : nowNanos;
    return new Streak(failures + 1, first, since, answered, clock, nextLineNanos, warned, failure);
  }

  Streak succeeded(long nowNanos) {
    return new Streak(0, firstNanos, nowNanos, false, null, nextLineNanos, false, last);
  }

  /** Another channel was answered. */
  Streak seesAnswer() {
    return new Streak(
        failures, firstNanos, sinceNanos, true, clockNanos, nextLineNanos, warned, last);
  }

  Streak said(long nextNanos) {
    return new Streak(
        failures, firstNanos, sinceNanos, answered, clockNanos, nextNanos, true, last);
  }

  /** Restarts its clock, if that runs: somebody else answers instead. */
  Streak excused(long nowNanos) {
    return clockNanos == null
        ? this
        : new Streak(
            failures, firstNanos, sinceNanos, answered, nowNanos, nextLineNanos, warned, last);
  }

  Streak shifted(long nanos) {
    return new Streak(
        failures,
        firstNanos + nanos,
        sinceNanos + nanos,
        answered,
        clockNanos == null ? null : Long.valueOf(clockNanos + nanos),
        nextLineNanos + nanos,
        warned,
        last);
  }
}
