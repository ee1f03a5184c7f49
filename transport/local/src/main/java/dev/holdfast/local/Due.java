package dev.holdfast.local;

import java.util.Comparator;
import java.util.concurrent.TimeUnit;

/**
 * When something is to be done about a task or a workflow by itself.
 *
 * @param order tells apart what is due at once
 */
record Due(long nanos, long order, boolean ofWorkflow, String id) implements Comparable<Due> {

  private static final Comparator<Due> ORDER =
      Comparator.comparingLong(Due::nanos).thenComparingLong(Due::order);

  /** So many seconds after that; the largest number, for never, where they are none or too many. */
  static long after(long nanos, long seconds) {
    if (seconds <= 0) {
      return Long.MAX_VALUE;
    }
    long sum = nanos + TimeUnit.SECONDS.toNanos(seconds);
    return sum < nanos ? Long.MAX_VALUE : sum;
  }

  @Override
  public int compareTo(Due other) {
    return ORDER.compare(this, other);
  }
}
