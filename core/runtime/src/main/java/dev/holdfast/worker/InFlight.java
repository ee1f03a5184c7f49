package dev.holdfast.worker;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * The handlers that run now, and their deadlines. One timer serves them all: it is set to the
 * nearest deadline and looked at again when it fires, so a handler that ends in time costs no timer
 * of its own.
 */
final class InFlight {

  private final Set<HandlerRun> handlers = ConcurrentHashMap.newKeySet();
  private final Disposable.Swap alarm = Disposables.swap();
  private final Scheduler timer;
  private volatile long alarmAtNanos;
  private volatile boolean armed;
  private volatile boolean cancelled;

  InFlight(Scheduler timer) {
    this.timer = timer;
  }

  void add(HandlerRun handler) {
    handlers.add(handler);
    if (cancelled) {
      handler.cancel(HandlerRun.Cause.STOPPED);
    } else if (!armed || handler.deadlineNanos() - alarmAtNanos < 0) {
      arm();
    }
  }

  void remove(HandlerRun handler) {
    handlers.remove(handler);
  }

  /** Cancels all handlers, and each that comes later. */
  void cancelAll() {
    cancelled = true;
    List.copyOf(handlers).forEach(handler -> handler.cancel(HandlerRun.Cause.STOPPED));
  }

  void close() {
    alarm.dispose();
  }

  private synchronized void arm() {
    // First: whoever adds from here on arms again, and whoever added before is seen below.
    armed = false;
    long now = timer.now(TimeUnit.NANOSECONDS);
    long nearest = Long.MAX_VALUE;
    for (HandlerRun handler : handlers) {
      nearest = Math.min(nearest, handler.deadlineNanos() - now);
    }
    if (nearest != Long.MAX_VALUE) {
      alarmAtNanos = now + nearest;
      armed = true;
      alarm.update(timer.schedule(this::expire, Math.max(0, nearest), TimeUnit.NANOSECONDS));
    }
  }

  private void expire() {
    long now = timer.now(TimeUnit.NANOSECONDS);
    for (HandlerRun handler : handlers) {
      if (handler.deadlineNanos() - now <= 0) {
        handler.cancel(HandlerRun.Cause.TIMED_OUT);
      }
    }
    arm();
  }
}
