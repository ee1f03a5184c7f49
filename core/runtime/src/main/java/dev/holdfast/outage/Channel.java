package dev.holdfast.outage;

import java.util.Objects;

/**
 * A kind of call to one server, as the {@link OutageSignal} tells them apart: what fails on one can
 * work on another. In an outage the most urgent call that waits is the probe, in the order of
 * {@link Kind}.
 *
 * @param kind what the calls do
 * @param name which of them: the task type of polls; empty for all others
 */
public record Channel(Kind kind, String name) {

  /** What a channel's calls do; the most urgent first. */
  public enum Kind {
    /** Extends leases. */
    LEASE,
    /** Reports results. */
    UPDATE,
    /** Asks for tasks of one type; waits for the ramp after an outage. */
    POLL,
    /** Asks whether the server answers, for its own sake: flies only if nothing else waits. */
    PROBE
  }

  private static final Channel LEASES = new Channel(Kind.LEASE, "");
  private static final Channel UPDATES = new Channel(Kind.UPDATE, "");
  private static final Channel PROBES = new Channel(Kind.PROBE, "");

  /** Checks the parts. {@inheritDoc} */
  public Channel {
    Objects.requireNonNull(kind, "kind");
    if ((kind == Kind.POLL) == name.isBlank()) {
      throw new IllegalArgumentException(
          "channel " + kind + " is named '" + name + "': expected a name for polls, none else");
    }
  }

  /**
   * The polls of one task type.
   *
   * @param name the type, with its domain if it has one
   * @return the channel
   */
  public static Channel poll(String name) {
    return new Channel(Kind.POLL, name);
  }

  /** {@return the updates, of all types} */
  public static Channel update() {
    return UPDATES;
  }

  /** {@return the lease extensions, of all types} */
  public static Channel lease() {
    return LEASES;
  }

  /** {@return the calls that only ask whether the server answers, such as a router's} */
  public static Channel probe() {
    return PROBES;
  }

  @Override
  public String toString() {
    return switch (kind) {
      case LEASE -> "lease extensions";
      case UPDATE -> "updates";
      case POLL -> "polls of " + name;
      case PROBE -> "probes";
    };
  }
}
