package dev.holdfast.worker;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskState;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Keeps the leases of a run: extends them until the server has answered, and looks up those whose
 * handler runs, since the server answers alike to an extension of a task that has ended.
 *
 * <p>One {@link Alarm} serves all leases; what it finds due is done by one owner at a time, the
 * nearest lapse first and bounded in parallel. A lease that ends before its first beat, as nearly
 * all do, costs its entry and no more.
 *
 * <p>A lease that has lapsed is looked up before it is extended: an extension must not reach the
 * next holder. In an outage its handler is told as it lapses, for its last tries have failed. After
 * a suspend nobody has tried yet, so the handlers are given the time of one call.
 */
final class LeaseKeeper {

  private static final int PARALLEL = 16;

  /** Apart from the extensions' places, so that no check holds up an extension. */
  private static final int PARALLEL_CHECKS = 8;

  private static final double JITTER = 0.2;
  private static final long MAX_CHECK_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long CHECK_PACE_NANOS = Duration.ofMillis(50).toNanos();
  private static final long LOOK_PACE_NANOS = Duration.ofMillis(50).toNanos();
  private static final long LATE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long MIN_RETRY_NANOS = Duration.ofMillis(100).toNanos();
  private static final long MAX_MIN_RETRY_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long MAX_RETRY_NANOS = Duration.ofSeconds(30).toNanos();

  private final long callNanos;
  private final String workerId;
  private final Scheduler timer;
  private final Calls calls;
  private final DoubleSupplier random;
  private final Alarm alarm;
  private final Set<Kept> leases = ConcurrentHashMap.newKeySet();
  private final Disposable.Composite open = Disposables.composite();
  private final AtomicInteger places = new AtomicInteger(PARALLEL);
  private final AtomicInteger checkPlaces = new AtomicInteger(PARALLEL_CHECKS);
  private final AtomicInteger signals = new AtomicInteger();
  private volatile boolean lookWanted;
  private volatile long suspectedNanos;
  private volatile long graceNanos;
  private volatile long nextLookNanos;
  private volatile long nextCheckNanos;
  private volatile boolean closed;

  /** Leases whose extension is due. The owner's, as they were at its last look. */
  private final PriorityQueue<Kept> due =
      new PriorityQueue<>((one, other) -> Long.signum(one.lapseNanos() - other.lapseNanos()));

  /**
   * The calls that leases are kept by. They may wait for a server that is out; so each asks, right
   * before its request is sent, whether it is still wanted, and completes empty if it is not.
   */
  interface Calls {

    /** Extends a lease; once per subscription. */
    Mono<Void> extend(Lease lease, BooleanSupplier begin);

    /**
     * Looks a lease's task up; empty if the server does not know it.
     *
     * @param urgent whether the lease has lapsed, so that its extension waits for this
     */
    Mono<TaskState> find(Lease lease, boolean urgent, BooleanSupplier begin);
  }

  private enum Answer {
    OURS,
    NOT_OURS,
    NOTHING
  }

  /**
   * A keeper of no leases yet.
   *
   * @param callTimeout how long one call takes at most
   * @param workerId the worker id under which the tasks are leased
   * @param random from 0 to 1, exclusive
   */
  LeaseKeeper(
      Duration callTimeout, String workerId, Scheduler timer, Calls calls, DoubleSupplier random) {
    this.callNanos = callTimeout.toNanos();
    this.workerId = workerId;
    this.timer = timer;
    this.calls = calls;
    this.random = random;
    this.alarm = new Alarm(timer, this::ring);
    this.suspectedNanos = now();
    this.graceNanos = suspectedNanos;
    this.nextLookNanos = suspectedNanos;
    this.nextCheckNanos = suspectedNanos;
  }

  /** Keeps a lease from now on, until it is {@linkplain Kept#end ended}. */
  Kept keep(Lease lease) {
    Kept kept = new Kept(this, lease);
    leases.add(kept);
    await(kept);
    return kept;
  }

  /**
   * Takes every lease as overdue until an extension gets through that is begun from now on: the
   * machine was suspended, and the clock may not show it.
   */
  void suspectAll() {
    long now = now();
    graceNanos = now + callNanos;
    suspectedNanos = now;
    leases.forEach(kept -> kept.beatAt(now));
    look();
  }

  /** Ends everything at once. An extension that is cancelled does no harm. */
  void close() {
    closed = true;
    alarm.close();
    open.dispose();
    leases.clear();
  }

  int size() {
    return leases.size();
  }

  long now() {
    return timer.now(TimeUnit.NANOSECONDS);
  }

  /** Has the alarm ring in time for a lease. */
  void await(Kept kept) {
    long now = now();
    long beatOrLoss = Math.min(kept.untilBeat(now), kept.untilLoss(now));
    long rest = Math.min(beatOrLoss, kept.untilCheck(now));
    lookIn(rest, now);
  }

  /** Looks after that time; but never more often than it pays, since each look is at all leases. */
  private void lookIn(long restNanos, long now) {
    if (restNanos != Long.MAX_VALUE) {
      alarm.atLatest(later(now + Math.max(0, restNanos), nextLookNanos));
    }
  }

  void forget(Kept kept) {
    leases.remove(kept);
  }

  /**
   * How long after an extension the next one comes. The margin is what a call takes at most, so
   * that one that is begun at its beat ends before the lease lapses, whatever its end; but at most
   * half of the timeout, or a short one would be all margin. Jitter only ever makes it sooner.
   */
  long beatInterval(long timeoutNanos) {
    return (long) (longestBeat(timeoutNanos) * (1 - JITTER * random.getAsDouble()));
  }

  private long longestBeat(long timeoutNanos) {
    long margin = Math.min(callNanos, timeoutNanos / 2);
    return Math.min((long) (0.8 * timeoutNanos), timeoutNanos - margin);
  }

  long checkInterval(long timeoutNanos) {
    return timeoutNanos == 0
        ? MAX_CHECK_NANOS
        : Math.min(MAX_CHECK_NANOS, longestBeat(timeoutNanos));
  }

  /** Whether what was begun then may be from before a suspend. */
  boolean isSuspect(long begunNanos) {
    return begunNanos - suspectedNanos < 0;
  }

  /** From when on a lease counts as lapsed for its handler. */
  long lapseAfterGrace(long confirmedNanos, long lapseNanos) {
    return isSuspect(confirmedNanos) ? graceNanos : later(lapseNanos, graceNanos);
  }

  private static long later(long one, long other) {
    return one - other >= 0 ? one : other;
  }

  /** The nearer the deadline, the sooner; past it there is none to be in time for. */
  private long retryPause(Kept kept, long now) {
    long least = kept.timeoutNanos() / 20;
    least = Math.max(MIN_RETRY_NANOS, Math.min(least, MAX_MIN_RETRY_NANOS));
    long left = kept.lapseNanos() - now;
    long pause =
        kept.isLapsed(now) ? 5 * least : Math.max(least, Math.min(left / 4, MAX_RETRY_NANOS));
    return (long) (pause * (1 - JITTER * random.getAsDouble()));
  }

  private void ring(long dueNanos) {
    long now = now();
    if (now - dueNanos > LATE_NANOS) {
      graceNanos = now + callNanos;
    }
    look();
  }

  private void look() {
    lookWanted = true;
    signal();
  }

  /** Whoever signals while another acts makes it act again, so no signal is lost. */
  private void signal() {
    if (signals.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      if (lookWanted) {
        lookWanted = false;
        lookAtAll();
      }
      extendDue();
      missed = signals.addAndGet(-missed);
    } while (missed != 0);
  }

  private void lookAtAll() {
    long now = now();
    long nearest = Long.MAX_VALUE;
    long untilCheck = Long.MAX_VALUE;
    Kept first = null;
    nextLookNanos = now + LOOK_PACE_NANOS;
    due.clear();
    for (Kept kept : leases) {
      kept.judge(now);
      long untilBeat = kept.untilBeat(now);
      if (untilBeat <= 0) {
        due.add(kept);
      } else {
        nearest = Math.min(nearest, untilBeat);
      }
      nearest = Math.min(nearest, kept.untilLoss(now));
      long check = kept.untilCheck(now);
      if (check < untilCheck) {
        untilCheck = check;
        first = kept;
      }
    }
    if (first != null && checkPlaces.get() > 0) {
      nearest = Math.min(nearest, Math.max(untilCheck, nextCheckNanos - now));
      if (untilCheck <= 0 && nextCheckNanos - now <= 0) {
        nextCheckNanos = now + CHECK_PACE_NANOS;
        check(first);
      }
    }
    lookIn(nearest, now);
  }

  private void check(Kept kept) {
    Check check = new Check(kept);
    kept.checking();
    checkPlaces.decrementAndGet();
    if (open.add(check)) {
      check.call().subscribe(check);
    }
  }

  private void extendDue() {
    while (places.get() > 0 && !closed) {
      Kept kept = due.poll();
      if (kept == null) {
        return;
      }
      if (kept.untilBeat(now()) <= 0) {
        extend(kept);
      }
    }
  }

  private void extend(Kept kept) {
    Extension extension = new Extension(kept);
    kept.extending(extension);
    places.decrementAndGet();
    if (open.add(extension)) {
      extension.call().subscribe(extension);
      kept.withdrawIfEnded();
    }
  }

  /**
   * What an answer says of a lease. Once a task is not ours, it never is again, so an answer that
   * says so does not go stale; but one that tells of an earlier lease is older than ours and says
   * nothing.
   */
  private Answer read(Kept kept, TaskState found) {
    int pollCount = kept.lease().task().pollCount();
    if (found.isHeldBy(pollCount, workerId)) {
      return Answer.OURS;
    }
    boolean older = !found.status().isTerminal() && found.pollCount() < pollCount;
    return older ? Answer.NOTHING : Answer.NOT_OURS;
  }

  /** A look-up, and when its request was sent, if it was. */
  private final class LookUp {
    private final Kept kept;
    private final BooleanSupplier wanted;
    private volatile boolean begun;
    private volatile long begunNanos;

    LookUp(Kept kept, BooleanSupplier wanted) {
      this.kept = kept;
      this.wanted = wanted;
    }

    Mono<Answer> call(boolean urgent) {
      return Mono.defer(() -> calls.find(kept.lease(), urgent, this::begin))
          .map(found -> read(kept, found))
          .switchIfEmpty(Mono.fromSupplier(() -> begun ? Answer.NOT_OURS : Answer.NOTHING));
    }

    private boolean begin() {
      if (closed || !wanted.getAsBoolean()) {
        return false;
      }
      begunNanos = now();
      begun = true;
      return true;
    }

    /** Whether it tells of now: not of the time before a suspend, nor of long ago. */
    boolean isFresh(long now) {
      return begun && !isSuspect(begunNanos) && now - begunNanos <= callNanos;
    }
  }

  /** A look-up of a lease whose handler runs. */
  private final class Check extends BaseSubscriber<Answer> {
    private final Kept kept;

    Check(Kept kept) {
      this.kept = kept;
    }

    Mono<Answer> call() {
      return new LookUp(kept, kept::isRunning).call(false);
    }

    @Override
    protected void hookOnNext(Answer answer) {
      if (answer == Answer.NOT_OURS) {
        kept.lostIfRunning();
      }
    }

    @Override
    protected void hookOnError(Throwable failure) {
      // Says nothing of the lease.
    }

    @Override
    protected void hookFinally(SignalType type) {
      open.remove(this);
      kept.checkAt(now() + checkInterval(kept.timeoutNanos()));
      await(kept);
      if (checkPlaces.getAndIncrement() == 0) {
        lookIn(nextCheckNanos - now(), now());
      }
    }
  }

  /** One try to extend a lease, from the moment that it has a place. */
  final class Extension extends BaseSubscriber<Void> {
    private final Kept kept;
    private final LookUp lookUp;
    private final Sinks.Empty<Void> left = Sinks.empty();
    private volatile boolean begun;
    private volatile long begunNanos;

    Extension(Kept kept) {
      this.kept = kept;
      this.lookUp = new LookUp(kept, () -> kept.mayExtend(now()));
    }

    /** Completes when it has ended, whatever its end. */
    Mono<Void> left() {
      return left.asMono();
    }

    Mono<Void> call() {
      Mono<Void> extension = Mono.defer(() -> calls.extend(kept.lease(), this::begin));
      return kept.isLapsed(now())
          ? lookUp.call(true).flatMap(answer -> after(answer, extension))
          : extension;
    }

    private Mono<Void> after(Answer answer, Mono<Void> extension) {
      return switch (answer) {
        case OURS -> extension;
        case NOT_OURS -> Mono.fromRunnable(kept::lost);
        case NOTHING -> Mono.empty();
      };
    }

    private boolean begin() {
      long now = now();
      if (closed || !kept.begin(now, lookUp.isFresh(now))) {
        return false;
      }
      begunNanos = now;
      begun = true;
      return true;
    }

    @Override
    protected void hookOnComplete() {
      if (begun) {
        kept.confirm(begunNanos);
        kept.beatAt(begunNanos + beatInterval(kept.timeoutNanos()));
      }
      if (!begun || isSuspect(begunNanos)) {
        tryAgain();
      }
    }

    @Override
    protected void hookOnError(Throwable failure) {
      boolean rejected =
          failure instanceof ServerFailure typed && typed.kind() == ServerFailure.Kind.REJECTED;
      if (begun && rejected) {
        kept.lost();
      } else {
        tryAgain();
      }
    }

    private void tryAgain() {
      long now = now();
      kept.beatAt(now + retryPause(kept, now));
    }

    @Override
    protected void hookFinally(SignalType type) {
      open.remove(this);
      kept.extended();
      left.tryEmitEmpty();
      places.incrementAndGet();
      await(kept);
      signal();
    }
  }
}
