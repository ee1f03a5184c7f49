package dev.holdfast.worker;

import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * One timer for many deadlines. It is set to the nearest of them, and whoever owns it looks at all
 * of them when it rings and sets it again, so a deadline that passes into nothing costs no timer of
 * its own.
 */
final class Alarm {

  private final Scheduler timer;
  private final LongConsumer ring;
  private final Disposable.Swap pending = Disposables.swap();
  private volatile long atNanos;
  private volatile boolean set;
  private boolean closed;

  /**
   * An alarm that is not set.
   *
   * @param ring told the instant it was set for; called on the timer's thread
   */
  Alarm(Scheduler timer, LongConsumer ring) {
    this.timer = timer;
    this.ring = ring;
  }

  /** Has it ring then, unless it rings sooner. To be called once the ring would find the cause. */
  void atLatest(long nanos) {
    if (!set || nanos - atNanos < 0) {
      setTo(nanos);
    }
  }

  private synchronized void setTo(long nanos) {
    boolean soonEnough = set && nanos - atNanos >= 0;
    if (closed || soonEnough) {
      return;
    }
    atNanos = nanos;
    set = true;
    // Never at once: a scheduler may run what has no delay within this call.
    long delay = Math.max(1, nanos - timer.now(TimeUnit.NANOSECONDS));
    pending.update(timer.schedule(this::fire, delay, TimeUnit.NANOSECONDS));
  }

  private void fire() {
    long due;
    synchronized (this) {
      // First: whoever comes from here on sets it again, and whoever came before is found.
      due = atNanos;
      set = false;
    }
    ring.accept(due);
  }

  synchronized void close() {
    closed = true;
    pending.dispose();
  }
}
