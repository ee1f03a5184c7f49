package dev.holdfast.local;

/**
 * The time of one step, on two clocks: durations are taken from the first, which nobody sets; the
 * second is for what is kept and told.
 *
 * @param nanos since the engine was made
 * @param millis since the epoch
 */
record Now(long nanos, long millis) {

  private static final long NANOS = 1_000_000L;

  /** When that was, on the first clock. What lies ahead by the second is taken for now. */
  long nanosAt(long epochMillis) {
    long age = Math.max(0, millis - epochMillis);
    return nanos - Math.min(age, Long.MAX_VALUE / (2 * NANOS)) * NANOS;
  }
}
