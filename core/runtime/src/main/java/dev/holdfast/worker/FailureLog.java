package dev.holdfast.worker;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/** Writes failed calls to the log: at most one line in five seconds, over all loops. */
final class FailureLog {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final long INTERVAL_NANOS = Duration.ofSeconds(5).toNanos();

  private final Scheduler timer;
  private final AtomicLong nextNanos;

  FailureLog(Scheduler timer) {
    this.timer = timer;
    this.nextNanos = new AtomicLong(now());
  }

  /** Says what failed and when it is tried again. */
  void warn(String what, Throwable failure, Duration retryIn) {
    if (!(failure instanceof ServerFailure)) {
      LOG.error("{} failed unexpectedly — retrying in {}", what, seconds(retryIn), failure);
      return;
    }
    long now = now();
    long next = nextNanos.get();
    if (now - next >= 0 && nextNanos.compareAndSet(next, now + INTERVAL_NANOS)) {
      LOG.warn("{} failed — retrying in {}: {}", what, seconds(retryIn), failure.getMessage());
    } else {
      LOG.debug("{} failed — retrying in {}: {}", what, seconds(retryIn), failure.getMessage());
    }
  }

  private static String seconds(Duration duration) {
    return Math.round(Math.max(100, duration.toMillis()) / 100.0) / 10.0 + "s";
  }

  private long now() {
    return timer.now(TimeUnit.NANOSECONDS);
  }
}
