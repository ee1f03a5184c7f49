package dev.holdfast.worker;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One lease that is kept, from the poll's receipt to the server's answer. Its own methods may be
 * called on any thread.
 *
 * <table>
 *   <caption>Legal moves; any other is ignored. An extension under way goes along.</caption>
 *   <tr><th>from</th><th>running</th><th>a loss</th><th>finished</th><th>end</th></tr>
 *   <tr><td>waiting</td><td>running</td><td>-</td><td>finished</td><td>ended</td></tr>
 *   <tr><td>running</td><td>-</td><td>told</td><td>finished</td><td>ended</td></tr>
 *   <tr><td>told</td><td>-</td><td>-</td><td>finished</td><td>ended</td></tr>
 *   <tr><td>finished</td><td>-</td><td>-</td><td>-</td><td>ended</td></tr>
 *   <tr><td>ended</td><td>-</td><td>-</td><td>-</td><td>-</td></tr>
 * </table>
 *
 * <p>An extension begins by a move of its own, which an ended lease refuses: so none begins after
 * the end, whoever comes first.
 */
final class Kept {

  /** What a running handler is told, once. */
  enum Loss {
    /** The task is another attempt's, or has ended. */
    NOT_OURS,
    /** The server may have given it away: it was not extended in time. */
    OVERDUE
  }

  private enum Phase {
    WAITING,
    RUNNING,
    TOLD,
    FINISHED,
    ENDED
  }

  /** Where a lease stands, and whether an extension of it is under way. */
  private record State(Phase phase, boolean busy) {
    static final State NEW = new State(Phase.WAITING, false);

    State in(Phase next) {
      return new State(next, busy);
    }

    State busy(boolean now) {
      return new State(phase, now);
    }
  }

  private final LeaseKeeper keeper;
  private final Lease lease;
  private final long timeoutNanos;
  private final long hardLimitNanos;
  private final AtomicReference<State> state = new AtomicReference<>(State.NEW);

  /** When the last extension that got through was begun: from then on the server counts anew. */
  private volatile long confirmedNanos;

  private volatile long beatNanos;
  private volatile long checkNanos;
  private volatile boolean checking;
  private volatile boolean gone;
  private volatile LeaseKeeper.@Nullable Extension extension;

  // Set before the move to running, and read after it.
  private long deadlineNanos;
  private @Nullable Consumer<Loss> onLoss;

  Kept(LeaseKeeper keeper, Lease lease) {
    this.keeper = keeper;
    this.lease = lease;
    this.timeoutNanos = lease.responseTimeoutNanos();
    this.hardLimitNanos = lease.hardLimitNanos();
    this.confirmedNanos = lease.receivedNanos();
    this.beatNanos = confirmedNanos + keeper.beatInterval(timeoutNanos);
    this.checkNanos = confirmedNanos + keeper.checkInterval(timeoutNanos);
  }

  Lease lease() {
    return lease;
  }

  /**
   * A handler runs: from now on the task is looked up from time to time, and extended until the
   * handler's deadline.
   *
   * @param lossListener told of a loss, once, on the timer's or the client's thread; must neither
   *     block nor throw
   */
  void running(long handlerDeadlineNanos, Consumer<Loss> lossListener) {
    this.deadlineNanos = handlerDeadlineNanos;
    this.onLoss = lossListener;
    if (move(Phase.RUNNING)) {
      keeper.await(this);
    }
  }

  /**
   * The handler has ended, or there was none; its result waits, and is kept beyond the deadline.
   */
  void finished() {
    if (move(Phase.FINISHED)) {
      keeper.await(this);
    }
  }

  /**
   * The server has answered, or nothing is to be sent. No extension is begun from here on; one that
   * is under way is left to its end, since the server may have it already.
   */
  void end() {
    if (move(Phase.ENDED)) {
      keeper.forget(this);
      withdrawIfEnded();
    }
  }

  /**
   * Ends it before the task is handed back, which an extension that arrives later would undo.
   *
   * @return completes once no extension is under way, at the latest by the client's deadline; cold
   */
  Mono<Void> quiet() {
    return Mono.defer(
        () -> {
          end();
          LeaseKeeper.Extension last = extension;
          return last != null && state().busy ? last.left() : Mono.empty();
        });
  }

  /**
   * Whether the server may have given the task away, or has: no extension got through for its
   * response timeout, its hard limit has passed, or the server said so.
   */
  boolean isOverdue() {
    long now = keeper.now();
    return gone || now - hardLimitNanos >= 0 || isLapsed(now);
  }

  // The rest is for the keeper.

  boolean isLapsed(long now) {
    boolean lapsed = now - lapseNanos() >= 0 || keeper.isSuspect(confirmedNanos);
    return timeoutNanos > 0 && lapsed;
  }

  /** When the server may give the task away unless it is extended. */
  long lapseNanos() {
    return confirmedNanos + timeoutNanos;
  }

  long timeoutNanos() {
    return timeoutNanos;
  }

  boolean isEnded() {
    return state().phase == Phase.ENDED;
  }

  boolean isRunning() {
    return state().phase == Phase.RUNNING;
  }

  /** Whether there is still something to extend. */
  boolean mayExtend(long now) {
    return mayExtend(state(), now);
  }

  private boolean mayExtend(State seen, long now) {
    boolean runs = seen.phase == Phase.RUNNING || seen.phase == Phase.TOLD;
    return seen.phase != Phase.ENDED
        && !gone
        && timeoutNanos > 0
        && now - hardLimitNanos < 0
        && !(runs && now - deadlineNanos >= 0);
  }

  /**
   * Begins an extension, unless there is to be none. One that has lapsed may be somebody else's.
   */
  boolean begin(long now, boolean lookedUp) {
    while (true) {
      State seen = state();
      boolean safe = lookedUp || !isLapsed(now);
      if (!safe || !mayExtend(seen, now)) {
        return false;
      }
      if (state.compareAndSet(seen, seen.busy(true))) {
        return true;
      }
    }
  }

  /** How long until its next extension is due; for ever if there is none to come. */
  long untilBeat(long now) {
    // Once the lease lasts to the hard limit, an extension changes nothing.
    boolean helps = lapseNanos() - hardLimitNanos < 0 || isLapsed(now);
    return extension == null && helps && mayExtend(now) ? beatNanos - now : Long.MAX_VALUE;
  }

  /** How long until its handler is to be told of a loss; for ever if there is none that runs. */
  long untilLoss(long now) {
    if (!isRunning()) {
      return Long.MAX_VALUE;
    }
    long untilHardLimit = hardLimitNanos - now;
    long untilLapse =
        timeoutNanos > 0
            ? keeper.lapseAfterGrace(confirmedNanos, lapseNanos()) - now
            : Long.MAX_VALUE;
    return gone ? 0 : Math.min(untilHardLimit, untilLapse);
  }

  /** How long until it is to be looked up; one that has lapsed is looked up by its extension. */
  long untilCheck(long now) {
    return isRunning() && !checking && !isLapsed(now) ? checkNanos - now : Long.MAX_VALUE;
  }

  /** Tells a handler of a loss that is due. */
  void judge(long now) {
    if (untilLoss(now) <= 0) {
      tell(gone ? Loss.NOT_OURS : Loss.OVERDUE);
    }
  }

  /** The server says that the task is not ours. */
  void lost() {
    gone = true;
    tell(Loss.NOT_OURS);
  }

  /** A check says so: this counts while the handler runs, for later it may be its own result. */
  void lostIfRunning() {
    if (tell(Loss.NOT_OURS)) {
      gone = true;
    }
  }

  private boolean tell(Loss loss) {
    if (!move(Phase.TOLD)) {
      return false;
    }
    Objects.requireNonNull(onLoss).accept(loss);
    return true;
  }

  void extending(LeaseKeeper.Extension next) {
    extension = next;
  }

  /** Takes back an extension that waits for its turn; one that has begun is not taken back. */
  void withdrawIfEnded() {
    LeaseKeeper.Extension waiting = extension;
    if (waiting != null && isEnded() && !state().busy) {
      waiting.dispose();
    }
  }

  void confirm(long begunNanos) {
    confirmedNanos = begunNanos;
  }

  void beatAt(long nanos) {
    beatNanos = nanos;
  }

  /** No extension is under way any more; the state first, since a next one may begin then. */
  void extended() {
    State seen;
    do {
      seen = state();
    } while (!state.compareAndSet(seen, seen.busy(false)));
    extension = null;
  }

  void checking() {
    checking = true;
  }

  void checkAt(long nanos) {
    checkNanos = nanos;
    checking = false;
  }

  private State state() {
    return Objects.requireNonNull(state.get());
  }

  private boolean move(Phase next) {
    while (true) {
      State seen = state();
      if (!isLegal(seen.phase, next)) {
        return false;
      }
      if (state.compareAndSet(seen, seen.in(next))) {
        return true;
      }
    }
  }

  private static boolean isLegal(Phase from, Phase to) {
    return switch (to) {
      case WAITING -> false;
      case RUNNING -> from == Phase.WAITING;
      case TOLD -> from == Phase.RUNNING;
      case FINISHED -> from != Phase.FINISHED && from != Phase.ENDED;
      case ENDED -> from != Phase.ENDED;
    };
  }

  @Override
  public String toString() {
    return lease.attempt() + " " + state();
  }
}
