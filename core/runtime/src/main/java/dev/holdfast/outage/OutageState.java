package dev.holdfast.outage;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a server does, as its callers see it: one moment of an {@link OutageSignal}. */
public sealed interface OutageState {

  /**
   * Channels that fail although the server answers others, and their last failures. What it holds
   * is degraded, whatever the state of the server.
   *
   * @return the failing channels; mostly empty
   */
  Map<Channel, ServerFailure> degraded();

  /**
   * The server answers.
   *
   * @param degraded the channels that fail all the same
   */
  record Healthy(Map<Channel, ServerFailure> degraded) implements OutageState {}

  /**
   * The server does not answer, or can't cope; one probe at a time asks for it.
   *
   * @param kind unreachable or overloaded: what its last failure was
   * @param lasting since the first failure
   * @param elapsed the give-up clock: since the first failure, or since the one that resumed it
   * @param limit when to give up; null for never
   * @param attempts calls that failed so far
   * @param last the last failure
   * @param nextProbe until the next probe; zero if it flies or waits for a caller
   * @param degraded the channels that fail on their own account
   */
  record Outage(
      ServerFailure.Kind kind,
      Duration lasting,
      Duration elapsed,
      @Nullable Duration limit,
      long attempts,
      ServerFailure last,
      Duration nextProbe,
      Map<Channel, ServerFailure> degraded)
      implements OutageState {}

  /**
   * The server has answered; if it still does at the end of the ramp, the outage is over.
   *
   * @param lasting from the first failure to the answer
   * @param attempts calls that failed
   * @param left until the end of the ramp
   * @param degraded the channels that fail on their own account
   */
  record Ramping(
      Duration lasting, long attempts, Duration left, Map<Channel, ServerFailure> degraded)
      implements OutageState {}

  /**
   * The limit has passed; final.
   *
   * @param why what lasted too long
   */
  record GaveUp(GaveUpException why) implements OutageState {
    @Override
    public Map<Channel, ServerFailure> degraded() {
      return Map.of();
    }
  }

  /** The signal was closed; final. */
  record Closed() implements OutageState {
    @Override
    public Map<Channel, ServerFailure> degraded() {
      return Map.of();
    }
  }
}
