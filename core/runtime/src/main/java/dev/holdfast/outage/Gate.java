package dev.holdfast.outage;

import dev.holdfast.outage.Server.Closed;
import dev.holdfast.outage.Server.GaveUp;
import dev.holdfast.outage.Server.Outage;
import dev.holdfast.outage.Server.Ramping;
import java.util.Iterator;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Where calls wait. Whoever signals makes it look at the situation again; one looks at a time, and
 * a signal that comes meanwhile makes it look once more, so none is lost. It owns the signal's one
 * timer.
 */
final class Gate {

  private final OutageSignal signal;
  private final NavigableSet<Waiter> waiting = new ConcurrentSkipListSet<>();
  private final AtomicLong arrivals = new AtomicLong();
  private final AtomicInteger signals = new AtomicInteger();
  private final Disposable.Swap timer = Disposables.swap();
  private boolean timerSet;
  private long timerTick;
  private long timerDueNanos;
  private volatile boolean timerFired;
  private volatile boolean pollsStopped;

  Gate(OutageSignal signal) {
    this.signal = signal;
  }

  /** One call that waits, from its arrival to its pass. Ordered by urgency, then by arrival. */
  private static final class Waiter implements Comparable<Waiter> {
    final Channel channel;
    final long number;
    final long arrivedNanos;
    final double random;
    final Sinks.Empty<Void> turn = Sinks.empty();
    volatile @Nullable Pass pass;

    Waiter(Channel channel, long number, long arrivedNanos, double random) {
      this.channel = channel;
      this.number = number;
      this.arrivedNanos = arrivedNanos;
      this.random = random;
    }

    /** When it may go on a ramp: a random moment of what is left of it when it could begin. */
    long entryNanos(Ramping ramp) {
      if (channel.kind() != Channel.Kind.POLL) {
        return ramp.sinceNanos();
      }
      boolean late = arrivedNanos - ramp.sinceNanos() > 0;
      long from = late ? arrivedNanos : ramp.sinceNanos();
      return from + (long) (Math.max(0, ramp.untilNanos() - from) * random);
    }

    @Override
    public int compareTo(Waiter other) {
      int byUrgency = channel.kind().compareTo(other.channel.kind());
      return byUrgency != 0 ? byUrgency : Long.compare(number, other.number);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(number);
    }
  }

  /** Waits for a pass; empty if the wait was ended by a stop. */
  Mono<Pass> pass(Channel channel) {
    return Mono.defer(
        () -> {
          Waiter waiter =
              new Waiter(channel, arrivals.getAndIncrement(), signal.now(), signal.random());
          waiting.add(waiter);
          signal();
          return waiter
              .turn
              .asMono()
              .then(Mono.fromSupplier(() -> waiter.pass))
              .doOnCancel(() -> leave(waiter));
        });
  }

  private void leave(Waiter waiter) {
    if (!waiting.remove(waiter)) {
      Pass pass = waiter.pass;
      if (pass != null) {
        pass.closeUnused();
      }
    }
  }

  void stopPolls() {
    pollsStopped = true;
    signal();
  }

  boolean isStopped(Channel channel) {
    return pollsStopped && channel.kind() == Channel.Kind.POLL;
  }

  int waiting() {
    return waiting.size();
  }

  /** Looks at the situation. */
  void signal() {
    if (signals.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      try {
        serve();
        signal.tellObservers();
      } catch (RuntimeException | Error e) {
        // A call that breaks in the hands of the gate must not leave it shut for all others.
        signals.set(0);
        throw e;
      } finally {
        setTimer();
      }
      missed = signals.addAndGet(-missed);
    } while (missed != 0);
  }

  private void serve() {
    for (Iterator<Waiter> inOrder = waiting.iterator(); inOrder.hasNext(); ) {
      Waiter waiter = inOrder.next();
      Situation now = signal.situation();
      if (now.server() instanceof GaveUp over) {
        if (waiting.remove(waiter)) {
          waiter.turn.tryEmitError(over.why());
        }
      } else if (now.server() instanceof Closed || isStopped(waiter.channel)) {
        go(waiter, null);
      } else if (now.server() instanceof Outage) {
        if (!probe(waiter) && !pollsStopped) {
          return;
        }
      } else if (!(now.server() instanceof Ramping ramp)
          || !Server.isBefore(signal.now(), waiter.entryNanos(ramp))) {
        go(waiter, new Pass(signal, waiter.channel, now.epoch(), 0));
      }
    }
  }

  private boolean probe(Waiter waiter) {
    long probe = signal.grant();
    if (probe == 0) {
      return false;
    }
    go(waiter, new Pass(signal, waiter.channel, signal.situation().epoch(), probe));
    return true;
  }

  /** Lets one go; if it has left meanwhile, its pass is given back. */
  private void go(Waiter waiter, @Nullable Pass pass) {
    waiter.pass = pass;
    if (waiting.remove(waiter)) {
      waiter.turn.tryEmitEmpty();
    } else if (pass != null) {
      pass.closeUnused();
    }
  }

  private void setTimer() {
    Situation now = signal.situation();
    if (Rules.isOver(now)) {
      timer.dispose();
      return;
    }
    if (now.calm()) {
      timerSet = false;
      timer.update(Disposables.disposed());
      return;
    }
    long due = due(now);
    boolean set = timerSet && !timerFired;
    if (set && due == timerDueNanos && now.tickNanos() == timerTick) {
      return;
    }
    timerSet = true;
    timerFired = false;
    timerDueNanos = due;
    timerTick = now.tickNanos();
    long armedTick = timerTick;
    long delay = Math.max(0, due - signal.now());
    timer.update(
        signal.scheduler().schedule(() -> fire(armedTick, due), delay, TimeUnit.NANOSECONDS));
  }

  private void fire(long armedTick, long dueNanos) {
    timerFired = true;
    signal.onTimer(armedTick, dueNanos);
    signal();
  }

  /** When to look next. */
  private long due(Situation now) {
    long due = now.tickNanos();
    if (now.server() instanceof Outage outage) {
      if (outage.probe() != null) {
        due = sooner(due, outage.probe().untilNanos());
      } else if (!waiting.isEmpty()) {
        due = sooner(due, outage.nextNanos());
      }
    } else if (now.server() instanceof Ramping ramp) {
      due = sooner(due, ramp.untilNanos());
      for (Waiter waiter : waiting) {
        due = sooner(due, waiter.entryNanos(ramp));
      }
    }
    return due;
  }

  private static long sooner(long one, long other) {
    return one - other <= 0 ? one : other;
  }
}
