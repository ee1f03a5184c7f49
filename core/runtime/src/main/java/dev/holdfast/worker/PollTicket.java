package dev.holdfast.worker;

import dev.holdfast.client.Polled;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A turn to poll, with the places reserved for what it may bring. Confined to the poll's signals;
 * {@link #close} gives back what was not used.
 */
final class PollTicket {

  private final PollTurns turns;
  private final AtomicBoolean closed = new AtomicBoolean();
  final Lane lane;
  final int count;
  final Duration longPoll;
  private int received;

  PollTicket(PollTurns turns, Lane lane, int count, Duration longPoll) {
    this.turns = turns;
    this.lane = lane;
    this.count = count;
    this.longPoll = longPoll;
  }

  /** Turns an element into a lease. The first {@code count} have a place, more than that wait. */
  Lease lease(Polled polled, String region, long nowNanos) {
    boolean placed = received++ < count;
    return Lease.of(lane, polled, region, placed, nowNanos);
  }

  int received() {
    return received;
  }

  boolean isScout() {
    return !longPoll.isZero();
  }

  /**
   * Ends the turn.
   *
   * @return whether this call did
   */
  boolean close(boolean cut) {
    boolean first = closed.compareAndSet(false, true);
    if (first) {
      turns.end(this, cut);
    }
    return first;
  }
}
