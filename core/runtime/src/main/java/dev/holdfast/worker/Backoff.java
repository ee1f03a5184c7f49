package dev.holdfast.worker;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next try: {@code U(d/2, d)} with {@code d = min(base * 2^n, cap)}.
 * The exponent is capped, so no number of failures can overflow it.
 */
record Backoff(Duration base, Duration cap, DoubleSupplier random) {

  private static final int MAX_EXPONENT = 20;

  /** The delay after this many failures in a row, 1 or more. */
  Duration delay(long failures) {
    int exponent = (int) Math.min(Math.max(failures - 1, 0), MAX_EXPONENT);
    long longest = cap.toNanos();
    long ceiling = base.toNanos() > longest >> exponent ? longest : base.toNanos() << exponent;
    return Duration.ofNanos((long) (ceiling * (0.5 + random.getAsDouble() / 2)));
  }
}
