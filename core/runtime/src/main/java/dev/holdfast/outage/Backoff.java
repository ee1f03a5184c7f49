package dev.holdfast.outage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait before the next try: {@code U(d/2, d)} with {@code d = min(base * 2^n, cap)}.
 * The exponent is capped, so no number of failures can overflow it.
 */
record Backoff(long baseNanos, long capNanos, long maxRetryAfterNanos) {

  private static final int MAX_EXPONENT = 20;

  Backoff(OutageSpec spec) {
    this(spec.base().toNanos(), spec.cap().toNanos(), spec.maxRetryAfter().toNanos());
  }

  /**
   * The delay after this many failures in a row, 1 or more. A server that asks for a longer one
   * gets it, up to a limit, and is not met by all its clients at once.
   *
   * @param random from 0 to 1
   */
  long delayNanos(long failures, @Nullable Duration retryAfter, double random) {
    int exponent = (int) Math.min(Math.max(failures - 1, 0), MAX_EXPONENT);
    long ceiling = baseNanos > capNanos >> exponent ? capNanos : baseNanos << exponent;
    long spread = (long) (ceiling / 2.0 * random);
    long delay = ceiling / 2 + spread;
    long asked = retryAfter == null ? 0 : clamp(retryAfter);
    return asked > delay ? asked + spread : delay;
  }

  private long clamp(Duration retryAfter) {
    Duration most = Duration.ofNanos(maxRetryAfterNanos);
    return retryAfter.compareTo(most) > 0 ? maxRetryAfterNanos : retryAfter.toNanos();
  }
}
