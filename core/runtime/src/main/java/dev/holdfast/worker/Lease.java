package dev.holdfast.worker;

import dev.holdfast.client.Polled;
import dev.holdfast.task.Attempt;
import dev.holdfast.task.Task;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One element of a poll's answer on its way through the worker.
 *
 * @param lane its task type
 * @param task the task
 * @param attempt the attempt
 * @param unusable why it can't be run, or null
 * @param placed whether it has a place; one that came beyond what was asked for has none yet
 * @param receivedNanos when it came
 */
record Lease(
    Lane lane,
    Task task,
    Attempt attempt,
    @Nullable String unusable,
    boolean placed,
    long receivedNanos) {

  /** What stands for a task of which not even the id could be read. */
  private static final String NO_ID = "-";

  private static final Duration FOREVER = Duration.ofDays(36_500);

  static Lease of(Lane lane, Polled polled, String region, boolean placed, long nowNanos) {
    Task task;
    String unusable = null;
    if (polled instanceof Polled.Leased leased) {
      task = leased.task();
    } else {
      Polled.Unusable bad = (Polled.Unusable) polled;
      Task known = bad.task();
      task = known != null ? known : Task.builder(NO_ID, lane.type()).build();
      unusable = bad.reason();
    }
    Attempt attempt = new Attempt(region, task.id(), task.pollCount());
    return new Lease(lane, task, attempt, unusable, placed, nowNanos);
  }

  boolean isNameless() {
    return NO_ID.equals(task.id());
  }

  /**
   * When its handler must have ended: the smaller of the handler's own limit and the server's hard
   * limit less a margin, so that the answer still arrives. The server counts from the first lease
   * of the task, so what earlier attempts used up is gone.
   */
  long deadlineNanos(Duration callTimeout) {
    long limit = nanos(lane.spec.timeout());
    Duration hard = task.hardTimeout();
    if (!hard.isZero() && !hard.isNegative()) {
      long left = Math.max(0, nanos(hard) - nanos(usedUp()));
      long margin = Math.min(nanos(callTimeout), left / 2);
      limit = Math.min(limit, left - margin);
    }
    return receivedNanos + limit;
  }

  /** Until when the server waits for its answer, as far as it said. */
  long dueNanos() {
    Duration response = task.responseTimeout();
    return response.isZero() ? Long.MAX_VALUE : receivedNanos + nanos(response);
  }

  /** How long the server waits for an answer or an extension; 0 for ever. */
  long responseTimeoutNanos() {
    return nanos(task.responseTimeout());
  }

  /** Until when the server waits for its answer, however often it is extended. */
  long hardLimitNanos() {
    Duration hard = task.hardTimeout();
    boolean limited = !hard.isZero() && !hard.isNegative();
    return receivedNanos + nanos(limited ? hard.minus(usedUp()) : FOREVER);
  }

  /** A century is for ever, and no sum of it and an instant overflows. */
  private static long nanos(Duration duration) {
    return duration.isNegative() ? 0 : min(duration, FOREVER).toNanos();
  }

  private Duration usedUp() {
    boolean known = task.startMillis() > 0 && task.updateMillis() > task.startMillis();
    return known ? Duration.ofMillis(task.updateMillis() - task.startMillis()) : Duration.ZERO;
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
