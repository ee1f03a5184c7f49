package dev.holdfast.worker;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to poll, and for how much. A pure function of the lanes and the free slots;
 * slots may become free meanwhile, which only its caller takes.
 *
 * <ul>
 *   <li>A type with nothing waiting <i>scouts</i>: one task, a long wait. At most {@code maxScouts}
 *       wait at once, since each holds a slot here and a thread of the server, and with more types
 *       than that each waits the shorter, so that the round takes less than {@link #ROUND}.
 *   <li>A type whose last poll was full <i>sweeps</i>: all the free slots it may have, no wait.
 *   <li>While a sweeping type could use every slot, the others get polls for one task without a
 *       wait, at intervals, before the sweep: its backlog starves nobody.
 *   <li>A type that was not asked for {@link #OVERDUE_NANOS} is asked, whoever else waits.
 * </ul>
 *
 * <p>Source: a long poll of Conductor waits for the whole count (so a scout asks for one), and with
 * a timeout of 0 answers at once with what is there.
 */
final class PollPlan {

  /** The longest that a scout waits. */
  static final Duration MAX_SCOUT = Duration.ofSeconds(2);

  /** Within this time each type is asked once, as long as slots are free. */
  static final Duration ROUND = Duration.ofMillis(1_800);

  static final long OVERDUE_NANOS = Duration.ofMillis(1_900).toNanos();
  private static final long CONTENDED_NANOS = Duration.ofMillis(50).toNanos();
  private static final Duration MIN_SCOUT = Duration.ofMillis(1);

  private PollPlan() {}

  /** What to do now. */
  sealed interface Decision {}

  /** Poll now. */
  record Grant(Lane lane, int count, Duration longPoll) implements Decision {}

  /** Nothing to do before this instant, unless a slot is freed or a lane asks. */
  record WaitUntil(long nanos) implements Decision {}

  static final WaitUntil FOREVER = new WaitUntil(Long.MAX_VALUE);

  static Decision decide(List<Lane> lanes, int free, int scouts, int maxScouts, long now) {
    if (free <= 0) {
      return FOREVER;
    }
    int cold = 0;
    boolean contended = false;
    for (Lane lane : lanes) {
      if (!lane.hot) {
        cold++;
      } else if (lane.free.get() > 0) {
        contended = true;
      }
    }
    boolean mayScout = !contended && scouts < maxScouts;
    long pause = Math.min(OVERDUE_NANOS, cold * CONTENDED_NANOS);
    Lane due = null;
    Lane sweeper = null;
    int sweepers = 0;
    long next = Long.MAX_VALUE;
    for (Lane lane : lanes) {
      if (!isWaiting(lane) || lane.free.get() <= 0) {
        continue;
      }
      if (lane.hot) {
        sweeper = olderOf(sweeper, lane);
        sweepers++;
        continue;
      }
      long dueAt = dueAt(lane, mayScout, contended, pause, now);
      if (dueAt - now <= 0) {
        due = olderOf(due, lane);
      } else {
        next = Math.min(next, dueAt - now);
      }
    }
    if (due != null) {
      int places = Math.max(1, Math.min(maxScouts, free + scouts));
      return new Grant(due, 1, mayScout ? scoutWait(lanes.size(), places) : Duration.ZERO);
    }
    if (sweeper != null) {
      int share = (free + sweepers - 1) / sweepers;
      int count = Math.min(Math.min(share, sweeper.free.get()), sweeper.countCap);
      return new Grant(sweeper, count, Duration.ZERO);
    }
    return next == Long.MAX_VALUE ? FOREVER : new WaitUntil(now + next);
  }

  /**
   * Whether another lane than this one waits for a turn and would get the next free slot: one with
   * a backlog as well, or one that is due while this one uses every slot.
   */
  static boolean isOtherDue(List<Lane> lanes, Lane lane, long now) {
    int cold = 0;
    for (Lane other : lanes) {
      cold += other.hot ? 0 : 1;
    }
    long pause = Math.min(OVERDUE_NANOS, cold * CONTENDED_NANOS);
    for (Lane other : lanes) {
      if (other != lane
          && isWaiting(other)
          && (other.hot || dueAt(other, false, true, pause, now) - now <= 0)) {
        return true;
      }
    }
    return false;
  }

  /** How long a scout may wait so that all types get their turn within the round. */
  static Duration scoutWait(int types, int places) {
    if (types <= places) {
      return MAX_SCOUT;
    }
    Duration wait = ROUND.multipliedBy(places).dividedBy(types);
    return wait.compareTo(MIN_SCOUT) < 0 ? MIN_SCOUT : wait;
  }

  private static long dueAt(Lane lane, boolean mayScout, boolean contended, long pause, long now) {
    if (!lane.asked) {
      return now;
    }
    if (mayScout) {
      return lane.notBeforeNanos;
    }
    return lane.askedAtNanos + (contended ? pause : OVERDUE_NANOS);
  }

  private static boolean isWaiting(Lane lane) {
    return lane.waiting.get() != null;
  }

  private static Lane olderOf(@Nullable Lane one, Lane other) {
    if (one == null || (one.asked && !other.asked)) {
      return other;
    }
    boolean oneIsOlder = !one.asked || one.askedAtNanos - other.askedAtNanos <= 0;
    return oneIsOlder ? one : other;
  }
}
