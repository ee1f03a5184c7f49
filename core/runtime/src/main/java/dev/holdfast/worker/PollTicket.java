package dev.holdfast.worker;

import dev.holdfast.client.Polled;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A turn to poll, with the places reserved for what it may bring: by a poll, or by the update of a
 * result, which then takes the next task along. Confined to the call's signals; {@link #close}
 * gives back what was not used.
 */
final class PollTicket {

  private final PollTurns turns;
  private final AtomicBoolean closed = new AtomicBoolean();
  final Lane lane;
  final int count;
  private Duration longPoll;

  /** Whether it is an update that asks, beside the lane's polls. */
  final boolean byUpdate;

  private final boolean scout;
  private boolean unasked;
  private int received;

  private PollTicket(PollTurns turns, Lane lane, int count, Duration longPoll, boolean byUpdate) {
    this.turns = turns;
    this.lane = lane;
    this.count = count;
    this.longPoll = longPoll;
    this.scout = !longPoll.isZero();
    this.byUpdate = byUpdate;
  }

  static PollTicket forPoll(PollTurns turns, Lane lane, int count, Duration longPoll) {
    return new PollTicket(turns, lane, count, longPoll, false);
  }

  static PollTicket forUpdate(PollTurns turns, Lane lane) {
    return new PollTicket(turns, lane, 1, Duration.ZERO, true);
  }

  /** Turns an element into a lease. The first {@code count} have a place, more than that wait. */
  Lease lease(Polled polled, String region, long nowNanos) {
    boolean placed = received++ < count;
    return Lease.of(lane, polled, region, placed, nowNanos);
  }

  int received() {
    return received;
  }

  Duration longPoll() {
    return longPoll;
  }

  /** For a probe: whether the server answers is wanted at once, not what it has later. */
  void waitAtMost(Duration wait) {
    if (longPoll.compareTo(wait) > 0) {
      longPoll = wait;
    }
  }

  boolean isScout() {
    return scout;
  }

  /** Whether it was given back with nothing asked, so that it taught nothing. */
  boolean isUnasked() {
    return unasked;
  }

  /** Ends the turn before anything was asked. */
  void giveBack() {
    unasked = true;
    close(false);
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
