package dev.holdfast.outage;

import dev.holdfast.client.ServerFailure;
import org.jspecify.annotations.Nullable;

/** The server, in the eyes of all its callers. Stamps are of the signal's clock. */
sealed interface Server {

  /** The same, with its stamps moved: the clock has jumped. */
  Server shifted(long nanos);

  /** Whether a call that began then says nothing of this state: it was made in an earlier one. */
  static boolean isBefore(long begunNanos, long sinceNanos) {
    return begunNanos - sinceNanos < 0;
  }

  /** What an outage keeps while it is interrupted by answers: its backoff and its throttle. */
  record Episode(long firstNanos, long attempts, long nextLineNanos) {
    Episode shifted(long nanos) {
      return new Episode(firstNanos + nanos, attempts, nextLineNanos + nanos);
    }

    Episode failedAgain() {
      return new Episode(firstNanos, attempts + 1, nextLineNanos);
    }

    Episode said(long nextNanos) {
      return new Episode(firstNanos, attempts, nextNanos);
    }
  }

  /** The permit to be the only call; it comes back at a deadline. */
  record Probe(long number, long untilNanos) {}

  /** It answers. */
  record Healthy(long sinceNanos) implements Server {
    @Override
    public Healthy shifted(long nanos) {
      return new Healthy(sinceNanos + nanos);
    }
  }

  /**
   * It does not answer, or can't cope.
   *
   * @param sinceNanos when it began or was resumed
   * @param clockNanos since when giving up counts
   * @param nextNanos when the next probe may fly
   * @param probe who probes, or null
   */
  record Outage(
      Episode episode,
      long sinceNanos,
      long clockNanos,
      long nextNanos,
      @Nullable Probe probe,
      ServerFailure last)
      implements Server {
    @Override
    public Outage shifted(long nanos) {
      Probe moved = probe == null ? null : new Probe(probe.number, probe.untilNanos + nanos);
      return new Outage(
          episode.shifted(nanos),
          sinceNanos + nanos,
          clockNanos + nanos,
          nextNanos + nanos,
          moved,
          last);
    }

    Outage withProbe(@Nullable Probe next) {
      return new Outage(episode, sinceNanos, clockNanos, nextNanos, next, last);
    }

    boolean isProbe(long number) {
      return probe != null && probe.number == number;
    }
  }

  /** It has answered again; the outage is over if that lasts. */
  record Ramping(Episode episode, long sinceNanos, long untilNanos, ServerFailure last)
      implements Server {
    @Override
    public Ramping shifted(long nanos) {
      return new Ramping(episode.shifted(nanos), sinceNanos + nanos, untilNanos + nanos, last);
    }
  }

  /** The limit has passed. */
  record GaveUp(GaveUpException why) implements Server {
    @Override
    public GaveUp shifted(long nanos) {
      return this;
    }
  }

  /** Nobody asks any more. */
  record Closed() implements Server {
    @Override
    public Closed shifted(long nanos) {
      return this;
    }
  }
}
