package dev.holdfast.outage;

import dev.holdfast.outage.Server.Healthy;
import java.util.HashMap;
import java.util.Map;

/**
 * All that a signal knows, at one moment. Immutable.
 *
 * @param server the server as a whole
 * @param streaks the channels that fail, or did of late
 * @param epoch counts the outages and their resumptions: a pass of an earlier one is void
 * @param version counts the changes that observers are told
 * @param repeatNanos when a failing channel may repeat its line in the log
 * @param tickNanos by when the timer will have looked, if anything is out of order: if it is much
 *     later than that, the clock has jumped
 * @param open whether calls pass without waiting
 * @param calm whether nothing is out of order, so that a success changes nothing
 */
record Situation(
    Server server,
    Map<Channel, Streak> streaks,
    long epoch,
    long version,
    long repeatNanos,
    long tickNanos,
    boolean open,
    boolean calm) {

  static Situation healthy(long nowNanos) {
    return new Situation(new Healthy(nowNanos), Map.of(), 0, 0, nowNanos, nowNanos, true, true);
  }

  private static Situation of(
      Server server,
      Map<Channel, Streak> streaks,
      long epoch,
      long version,
      long repeatNanos,
      long tickNanos) {
    boolean open = server instanceof Healthy;
    boolean calm = open && streaks.values().stream().noneMatch(Streak::fails);
    return new Situation(server, streaks, epoch, version, repeatNanos, tickNanos, open, calm);
  }

  /** A change that observers are told. */
  Situation with(Server next) {
    return of(next, streaks, epoch, version + 1, repeatNanos, tickNanos);
  }

  /** A change that observers are not told. */
  Situation quietly(Server next) {
    return of(next, streaks, epoch, version, repeatNanos, tickNanos);
  }

  /** An outage that begins or is resumed. */
  Situation entering(Server.Outage next) {
    return of(next, streaks, epoch + 1, version + 1, repeatNanos, tickNanos);
  }

  Situation with(Channel channel, Streak streak) {
    Streak old = streaks.get(channel);
    boolean seen = (old != null && old.isDegraded()) != streak.isDegraded();
    Map<Channel, Streak> next = new HashMap<>(streaks);
    next.put(channel, streak);
    return of(
        server, Map.copyOf(next), epoch, seen ? version + 1 : version, repeatNanos, tickNanos);
  }

  Situation with(Map<Channel, Streak> next) {
    return of(server, Map.copyOf(next), epoch, version, repeatNanos, tickNanos);
  }

  Situation repeatingFrom(long nanos) {
    return of(server, streaks, epoch, version, nanos, tickNanos);
  }

  Situation tickingAt(long nanos) {
    return of(server, streaks, epoch, version, repeatNanos, nanos);
  }

  /** The same, with its stamps moved: the clock has jumped. */
  Situation shifted(long nanos) {
    Map<Channel, Streak> moved = new HashMap<>();
    streaks.forEach((channel, streak) -> moved.put(channel, streak.shifted(nanos)));
    return of(
        server.shifted(nanos),
        Map.copyOf(moved),
        epoch,
        version,
        repeatNanos + nanos,
        tickNanos + nanos);
  }
}
