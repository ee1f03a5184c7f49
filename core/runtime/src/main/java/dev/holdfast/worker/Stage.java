package dev.holdfast.worker;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskClient;
import dev.holdfast.outage.OutageSignal;
import java.util.concurrent.TimeUnit;
import reactor.core.scheduler.Scheduler;

/** What the stages of one run have in common. */
record Stage(
    TaskClient client,
    Scheduler timer,
    OutageSignal outage,
    Counters counters,
    Observers observers) {

  long now() {
    return timer.now(TimeUnit.NANOSECONDS);
  }

  /** A client fails with nothing else; what one does all the same is taken for an odd answer. */
  static ServerFailure typed(Throwable failure) {
    return failure instanceof ServerFailure known
        ? known
        : ServerFailure.of(ServerFailure.Kind.BROKEN, failure.toString(), failure);
  }
}
