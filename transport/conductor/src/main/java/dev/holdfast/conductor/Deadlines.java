package dev.holdfast.conductor;

import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * The deadlines of the calls in flight. One timer serves them all: it is set to the nearest and
 * looked at again when it fires, so a call that ends in time costs no timer of its own.
 */
final class Deadlines {

  /** A call in flight. */
  interface Bounded {
    /** When it is overdue, as it looks now; that may move away, never nearer. */
    long deadlineNanos(long nowNanos);

    /** It is overdue, and forgotten here unless it is added again. On the timer's thread. */
    void expire();
  }

  private final Set<Bounded> calls = ConcurrentHashMap.newKeySet();
  private final Disposable.Swap alarm = Disposables.swap();
  private final Scheduler timer;
  private volatile long alarmAtNanos;
  private volatile boolean armed;

  Deadlines(Scheduler timer) {
    this.timer = timer;
  }

  long now() {
    return timer.now(TimeUnit.NANOSECONDS);
  }

  void add(Bounded call, long nowNanos) {
    calls.add(call);
    if (!armed || call.deadlineNanos(nowNanos) - alarmAtNanos < 0) {
      arm();
    }
  }

  void remove(Bounded call) {
    calls.remove(call);
  }

  /** How many calls are in flight. */
  int size() {
    return calls.size();
  }

  private synchronized void arm() {
    // First: whoever adds from here on arms again, and whoever added before is seen below.
    armed = false;
    long now = now();
    long nearest = Long.MAX_VALUE;
    for (Bounded call : calls) {
      nearest = Math.min(nearest, call.deadlineNanos(now) - now);
    }
    if (nearest == Long.MAX_VALUE) {
      return;
    }
    alarmAtNanos = now + nearest;
    armed = true;
    try {
      alarm.update(timer.schedule(this::expire, Math.max(0, nearest), TimeUnit.NANOSECONDS));
    } catch (RejectedExecutionException e) {
      // The client is closed, which has ended every call by itself.
      armed = false;
    }
  }

  private void expire() {
    long now = now();
    for (Iterator<Bounded> each = calls.iterator(); each.hasNext(); ) {
      Bounded call = each.next();
      if (call.deadlineNanos(now) - now <= 0) {
        each.remove();
        call.expire();
      }
    }
    arm();
  }
}
