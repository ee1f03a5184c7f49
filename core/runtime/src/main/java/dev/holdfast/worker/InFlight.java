package dev.holdfast.worker;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import reactor.core.scheduler.Scheduler;

/** The handlers that run now, and their deadlines, which one {@link Alarm} serves. */
final class InFlight {

  private final Set<HandlerRun> handlers = ConcurrentHashMap.newKeySet();
  private final Scheduler timer;
  private final Alarm alarm;
  private volatile boolean cancelled;

  InFlight(Scheduler timer) {
    this.timer = timer;
    this.alarm = new Alarm(timer, due -> expire());
  }

  void add(HandlerRun handler) {
    handlers.add(handler);
    if (cancelled) {
      handler.cancel(HandlerRun.Cause.STOPPED);
    } else {
      alarm.atLatest(handler.deadlineNanos());
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
    alarm.close();
  }

  private void expire() {
    long now = timer.now(TimeUnit.NANOSECONDS);
    long nearest = Long.MAX_VALUE;
    for (HandlerRun handler : handlers) {
      long left = handler.deadlineNanos() - now;
      if (left <= 0) {
        handler.cancel(HandlerRun.Cause.TIMED_OUT);
      } else {
        nearest = Math.min(nearest, left);
      }
    }
    if (nearest != Long.MAX_VALUE) {
      alarm.atLatest(now + nearest);
    }
  }
}
