package dev.holdfast.local;

import java.util.Comparator;

/**
 * When something is to be done about a task or a workflow by itself.
 *
 * @param order tells apart what is due at once
 */
record Due(long nanos, long order, boolean ofWorkflow, String id) implements Comparable<Due> {

  private static final Comparator<Due> ORDER =
      Comparator.comparingLong(Due::nanos).thenComparingLong(Due::order);

  @Override
  public int compareTo(Due other) {
    return ORDER.compare(this, other);
  }
}
