package dev.holdfast.outage;

import static dev.holdfast.outage.Server.isBefore;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import dev.holdfast.outage.Server.Closed;
import dev.holdfast.outage.Server.Episode;
import dev.holdfast.outage.Server.GaveUp;
import dev.holdfast.outage.Server.Healthy;
import dev.holdfast.outage.Server.Outage;
import dev.holdfast.outage.Server.Probe;
import dev.holdfast.outage.Server.Ramping;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Decides. Each method is a pure function of the situation and of what happened, and may be run
 * again for one event.
 */
final class Rules {

  /** How often the timer looks while anything is out of order. */
  static final long TICK_NANOS = Duration.ofSeconds(10).toNanos();

  /** A timer that is off by more than this means that the clock has jumped. */
  static final long JUMP_NANOS = Duration.ofSeconds(5).toNanos();

  /** How soon a probe must begin: else another caller gets the permit. */
  static final long GRACE_NANOS = Duration.ofSeconds(1).toNanos();

  private static final long SPARSE_AFTER_NANOS = Duration.ofMinutes(2).toNanos();
  private static final long SPARSE_NANOS = Duration.ofSeconds(60).toNanos();

  private final Set<Channel> polls;
  private final Lines lines;
  private final Backoff backoff;
  private final long limitNanos;
  private final long rampNanos;
  private final long logNanos;
  private final long probeNanos;

  Rules(OutageSpec spec, Set<Channel> polls) {
    Duration limit = spec.limit();
    this.polls = polls;
    this.lines = new Lines(spec.region(), limit);
    this.backoff = new Backoff(spec);
    this.limitNanos = limit == null ? Long.MAX_VALUE : limit.toNanos();
    this.rampNanos = spec.ramp().toNanos();
    this.logNanos = spec.logInterval().toNanos();
    this.probeNanos = spec.probeTimeout().toNanos();
  }

  /**
   * A call that failed.
   *
   * @param probe the number of its permit, 0 if it had none
   * @param random from 0 to 1
   * @param elsewhere whether another region answers
   */
  record Failed(
      Channel channel,
      ServerFailure failure,
      long begunNanos,
      long probe,
      long nowNanos,
      double random,
      boolean elsewhere) {
    boolean isAnswer() {
      return failure.kind() != Kind.UNREACHABLE && failure.kind() != Kind.OVERLOADED;
    }
  }

  Step<Decision> failed(Situation seen, Failed event) {
    if (seen.server() instanceof GaveUp over) {
      return Step.of(seen, new Decision(Duration.ZERO, false, over.why()));
    }
    if (seen.server() instanceof Closed) {
      return Step.of(seen, new Decision(delay(event, 1), false, null));
    }
    List<Notice> notices = new ArrayList<>();
    Situation next = awake(seen, event.nowNanos());
    next = onChannel(next, event, notices);
    next =
        event.isAnswer()
            ? answered(next, event.channel(), event.begunNanos(), event.nowNanos())
            : onServer(next, event, notices);
    GaveUpException gaveUp = gaveUp(next, attempts(next) > attempts(seen), event);
    if (gaveUp != null) {
      Notice last = new Notice(Level.ERROR, text(gaveUp));
      return new Step<>(
          next.with(new GaveUp(gaveUp)), new Decision(Duration.ZERO, false, gaveUp), List.of(last));
    }
    return new Step<>(next, new Decision(wait(next, event), !notices.isEmpty(), null), notices);
  }

  /** A failure of the server as a whole. */
  private Situation onServer(Situation seen, Failed event, List<Notice> notices) {
    if (seen.server() instanceof Healthy healthy) {
      boolean stale = isBefore(event.begunNanos(), healthy.sinceNanos());
      Episode fresh = new Episode(event.nowNanos(), 0, event.nowNanos());
      return stale ? seen : seen.entering(outage(fresh, event, notices));
    }
    if (seen.server() instanceof Ramping ramping) {
      boolean stale = isBefore(event.begunNanos(), ramping.sinceNanos());
      return stale ? seen : seen.entering(outage(ramping.episode(), event, notices));
    }
    Outage outage = (Outage) seen.server();
    boolean isProbe = outage.isProbe(event.probe());
    boolean stale = isBefore(event.begunNanos(), outage.sinceNanos());
    boolean early = !isProbe && isBefore(event.nowNanos(), outage.nextNanos());
    return !stale && !early ? seen.with(prolonged(outage, isProbe, event, notices)) : seen;
  }

  private Outage outage(Episode episode, Failed event, List<Notice> notices) {
    long now = event.nowNanos();
    Episode counted = said(episode.failedAgain(), event, 0, notices);
    return new Outage(
        counted, now, now, now + delay(event, counted.attempts()).toNanos(), null, event.failure());
  }

  private Outage prolonged(Outage outage, boolean isProbe, Failed event, List<Notice> notices) {
    long now = event.nowNanos();
    long elapsed = now - (event.elsewhere() ? outage.sinceNanos() : outage.clockNanos());
    Episode counted = said(outage.episode().failedAgain(), event, elapsed, notices);
    return new Outage(
        counted,
        outage.sinceNanos(),
        event.elsewhere() ? now : outage.clockNanos(),
        now + delay(event, counted.attempts()).toNanos(),
        isProbe ? null : outage.probe(),
        event.failure());
  }

  private Episode said(Episode episode, Failed event, long elapsed, List<Notice> notices) {
    long now = event.nowNanos();
    if (isBefore(now, episode.nextLineNanos())) {
      return episode;
    }
    String text = lines.retrying(event.failure().kind(), elapsed, event.elsewhere());
    notices.add(new Notice(Level.WARN, text));
    return episode.said(now + interval(now - episode.firstNanos()));
  }

  private long interval(long lastingNanos) {
    return lastingNanos < SPARSE_AFTER_NANOS ? logNanos : Math.max(logNanos, SPARSE_NANOS);
  }

  /**
   * A failure of one channel. An update or an extension that the server rejects says something of
   * that task and nothing of the channel.
   */
  private Situation onChannel(Situation seen, Failed event, List<Notice> notices) {
    Channel channel = event.channel();
    boolean ofOneTask =
        channel.kind() != Channel.Kind.POLL && event.failure().kind() == Kind.REJECTED;
    Streak old = seen.streaks().get(channel);
    boolean stale = old != null && isBefore(event.begunNanos(), old.sinceNanos());
    if (ofOneTask || stale) {
      return seen;
    }
    long now = event.nowNanos();
    Streak before = old == null ? Streak.of(event.failure(), now) : old;
    Streak streak = before.failed(event.failure(), event.isAnswer(), now, rampNanos);
    Long clock = streak.clockNanos();
    if (event.elsewhere()) {
      streak = streak.excused(now);
    }
    boolean first = old == null || streak.firstNanos() != before.firstNanos();
    boolean quiet = isBefore(now, streak.nextLineNanos());
    boolean crowded = !first && isBefore(now, seen.repeatNanos());
    if (!event.isAnswer() || quiet || crowded || clock == null) {
      return seen.with(channel, streak);
    }
    long elapsed = now - (event.elsewhere() ? streak.sinceNanos() : clock);
    String text = lines.retrying(channel, event.failure(), elapsed, event.elsewhere());
    notices.add(new Notice(Level.WARN, text));
    long until = now + interval(now - streak.firstNanos());
    return seen.with(channel, streak.said(until)).repeatingFrom(until);
  }

  /** Whether it has lasted too long; only a call that failed can say so. */
  private @Nullable GaveUpException gaveUp(Situation next, boolean counted, Failed event) {
    if (limitNanos == Long.MAX_VALUE || event.elsewhere()) {
      return null;
    }
    Kind kind = event.failure().kind();
    boolean outlasted =
        counted
            && next.server() instanceof Outage outage
            && event.nowNanos() - outage.clockNanos() > limitNanos;
    if (!outlasted) {
      if (!polls.contains(event.channel()) || !isEveryPollOver(next, event.nowNanos())) {
        return null;
      }
      kind = commonKind(next, kind);
    }
    return new GaveUpException(lines.gaveUp(kind, event.failure()), kind, event.failure());
  }

  private static long attempts(Situation of) {
    if (of.server() instanceof Outage outage) {
      return outage.episode().attempts();
    }
    return of.server() instanceof Ramping ramping ? ramping.episode().attempts() : 0;
  }

  private boolean isEveryPollOver(Situation next, long nowNanos) {
    for (Channel poll : polls) {
      Streak streak = next.streaks().get(poll);
      Long clock = streak == null ? null : streak.clockNanos();
      if (clock == null || nowNanos - clock <= limitNanos) {
        return false;
      }
    }
    return true;
  }

  /** Credentials are to blame only if they are everywhere. */
  private Kind commonKind(Situation next, Kind newest) {
    if (newest != Kind.UNAUTHORIZED) {
      return newest;
    }
    for (Channel poll : polls) {
      Streak streak = next.streaks().get(poll);
      if (streak != null && streak.last().kind() != Kind.UNAUTHORIZED) {
        return streak.last().kind();
      }
    }
    return newest;
  }

  /** Until the next try of the call that failed. */
  private Duration wait(Situation next, Failed event) {
    if (!event.isAnswer() && next.server() instanceof Outage outage) {
      return Duration.ofNanos(Math.max(0, outage.nextNanos() - event.nowNanos()));
    }
    Streak streak = next.streaks().get(event.channel());
    return delay(event, streak == null ? 1 : streak.failures());
  }

  private Duration delay(Failed event, long failures) {
    return Duration.ofNanos(
        backoff.delayNanos(failures, event.failure().retryAfter(), event.random()));
  }

  Step<Boolean> succeeded(Situation seen, Channel channel, long begunNanos, long nowNanos) {
    if (isOver(seen)) {
      return Step.of(seen, false);
    }
    Situation next = awake(seen, nowNanos);
    List<Notice> notices = new ArrayList<>();
    Streak streak = next.streaks().get(channel);
    if (streak != null && streak.fails() && !isBefore(begunNanos, streak.sinceNanos())) {
      if (streak.warned()) {
        String text =
            lines.answersAgain(channel, nowNanos - streak.sinceNanos(), streak.failures());
        notices.add(new Notice(Level.INFO, text));
      }
      next = next.with(channel, streak.succeeded(nowNanos));
    }
    next = answered(next, channel, begunNanos, nowNanos);
    return new Step<>(next, true, notices);
  }

  /** The server has answered, whatever it said. */
  private Situation answered(Situation seen, Channel by, long begunNanos, long nowNanos) {
    Situation next = seen;
    if (seen.server() instanceof Outage outage) {
      if (isBefore(begunNanos, outage.sinceNanos())) {
        return seen;
      }
      next =
          seen.with(new Ramping(outage.episode(), nowNanos, nowNanos + rampNanos, outage.last()));
    }
    return answeredOthers(next, by, begunNanos);
  }

  private static Situation answeredOthers(Situation seen, Channel by, long begunNanos) {
    Map<Channel, Streak> changed = null;
    for (Map.Entry<Channel, Streak> entry : seen.streaks().entrySet()) {
      Streak streak = entry.getValue();
      boolean news = streak.fails() && !streak.answered() && !entry.getKey().equals(by);
      if (news && !isBefore(begunNanos, streak.sinceNanos())) {
        changed = changed == null ? new HashMap<>(seen.streaks()) : changed;
        changed.put(entry.getKey(), streak.seesAnswer());
      }
    }
    return changed == null ? seen : seen.with(changed);
  }

  /** Gives the permit to probe, if it is time and nobody has it. */
  Step<Boolean> granted(Situation seen, long number, long nowNanos) {
    if (!(seen.server() instanceof Outage outage)
        || outage.probe() != null
        || isBefore(nowNanos, outage.nextNanos())) {
      return Step.of(seen, false);
    }
    Probe probe = new Probe(number, nowNanos + GRACE_NANOS);
    return Step.of(seen.quietly(outage.withProbe(probe)), true);
  }

  /** Whether a call that has a pass may be made now. */
  Step<Boolean> begun(Situation seen, long epoch, long probe, long nowNanos) {
    if (isOver(seen) || seen.epoch() != epoch) {
      return Step.of(seen, false);
    }
    if (!(seen.server() instanceof Outage outage)) {
      return Step.of(seen, true);
    }
    return outage.isProbe(probe)
        ? Step.of(seen.quietly(outage.withProbe(new Probe(probe, nowNanos + probeNanos))), true)
        : Step.of(seen, false);
  }

  /** Takes the permit back from one that has no result. */
  Step<Boolean> returned(Situation seen, long probe) {
    return seen.server() instanceof Outage outage && outage.isProbe(probe)
        ? Step.of(seen.quietly(outage.withProbe(null)), true)
        : Step.of(seen, false);
  }

  /**
   * The timer looks.
   *
   * @param armedTick the tick for which it was set
   * @param dueNanos when it was to fire; it does so after that time has really passed
   */
  Step<Boolean> ticked(Situation seen, long armedTick, long dueNanos, long nowNanos) {
    if (isOver(seen)) {
      return Step.of(seen, false);
    }
    long off = nowNanos - dueNanos;
    boolean jumped = seen.tickNanos() == armedTick && Math.abs(off) > JUMP_NANOS;
    Situation next = jumped ? seen.shifted(off) : seen;
    next = next.tickingAt(nowNanos + TICK_NANOS);
    List<Notice> notices = List.of();
    if (next.server() instanceof Ramping ramping && !isBefore(nowNanos, ramping.untilNanos())) {
      notices = List.of(over(ramping));
      next = next.with(new Healthy(ramping.sinceNanos()));
    } else if (next.server() instanceof Outage outage
        && outage.probe() != null
        && !isBefore(nowNanos, outage.probe().untilNanos())) {
      next = next.quietly(outage.withProbe(null));
    }
    return new Step<>(next, true, notices);
  }

  private Notice over(Ramping ramping) {
    Episode episode = ramping.episode();
    long lasting = ramping.sinceNanos() - episode.firstNanos();
    String text = lines.answersAgain(ramping.last().kind(), lasting, episode.attempts());
    return new Notice(Level.INFO, text);
  }

  Step<Boolean> closed(Situation seen) {
    return isOver(seen) ? Step.of(seen, false) : Step.of(seen.with(new Closed()), true);
  }

  static boolean isOver(Situation seen) {
    return seen.server() instanceof GaveUp || seen.server() instanceof Closed;
  }

  /** Corrects the stamps if the timer should have looked long ago: the process was suspended. */
  private static Situation awake(Situation seen, long nowNanos) {
    if (seen.calm()) {
      return seen.tickingAt(nowNanos + TICK_NANOS);
    }
    long late = nowNanos - seen.tickNanos();
    return late > JUMP_NANOS ? seen.shifted(late).tickingAt(nowNanos + TICK_NANOS) : seen;
  }

  private static String text(GaveUpException gaveUp) {
    return String.valueOf(gaveUp.getMessage());
  }
}
