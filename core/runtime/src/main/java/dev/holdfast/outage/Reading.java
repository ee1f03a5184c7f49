package dev.holdfast.outage;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.outage.Server.GaveUp;
import dev.holdfast.outage.Server.Healthy;
import dev.holdfast.outage.Server.Outage;
import dev.holdfast.outage.Server.Ramping;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A situation as people see it: durations instead of stamps. */
final class Reading {

  private Reading() {}

  static OutageState of(Situation seen, @Nullable Duration limit, long nowNanos) {
    Server server = seen.server();
    if (server instanceof Outage outage) {
      return new OutageState.Outage(
          outage.last().kind(),
          between(outage.episode().firstNanos(), nowNanos),
          between(outage.clockNanos(), nowNanos),
          limit,
          outage.episode().attempts(),
          outage.last(),
          outage.probe() == null ? between(nowNanos, outage.nextNanos()) : Duration.ZERO,
          degraded(seen));
    }
    if (server instanceof Ramping ramp) {
      return new OutageState.Ramping(
          between(ramp.episode().firstNanos(), ramp.sinceNanos()),
          ramp.episode().attempts(),
          between(nowNanos, ramp.untilNanos()),
          degraded(seen));
    }
    if (server instanceof GaveUp gaveUp) {
      return new OutageState.GaveUp(gaveUp.why());
    }
    return server instanceof Healthy
        ? new OutageState.Healthy(degraded(seen))
        : new OutageState.Closed();
  }

  private static Map<Channel, ServerFailure> degraded(Situation seen) {
    Map<Channel, ServerFailure> failing = new HashMap<>();
    seen.streaks()
        .forEach(
            (channel, streak) -> {
              if (streak.isDegraded()) {
                failing.put(channel, streak.last());
              }
            });
    return Map.copyOf(failing);
  }

  private static Duration between(long fromNanos, long toNanos) {
    return Duration.ofNanos(Math.max(0, toNanos - fromNanos));
  }
}
