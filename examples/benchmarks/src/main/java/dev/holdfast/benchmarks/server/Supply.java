package dev.holdfast.benchmarks.server;

/**
 * How much work there is.
 *
 * @param tasks how many in all, 0 for no end
 * @param perSecond how many more are there each second, 0 for all at once
 * @param slots how many tasks the worker can hold, for the time that slots are free; 0 to not look
 */
record Supply(long tasks, long perSecond, int slots) {

  /** A backlog without end. */
  static final Supply ENDLESS = new Supply(0, 0, 0);

  Supply {
    check("tasks", tasks);
    check("rate", perSecond);
    check("slots", slots);
  }

  /** How many tasks there have been so long after the beginning. */
  long after(long nanos) {
    long all = tasks == 0 ? Long.MAX_VALUE : tasks;
    return perSecond == 0 ? all : Math.min(all, (long) (nanos * 1e-9 * perSecond));
  }

  /** When a task was there, from the beginning, in nanoseconds. */
  long whenThere(long index) {
    return perSecond == 0 ? 0 : (long) ((index + 1) * 1e9 / perSecond);
  }

  private static void check(String name, long value) {
    if (value < 0 || value > 1_000_000_000) {
      throw new IllegalArgumentException(
          name + " is " + value + ": expected from 0 to 1,000,000,000");
    }
  }
}
