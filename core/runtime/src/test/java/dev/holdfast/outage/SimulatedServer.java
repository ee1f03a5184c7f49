package dev.holdfast.outage;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** A server that fails as told and is asked by loops that heed a signal. */
final class SimulatedServer {

  private static final Duration FAILS_AFTER = Duration.ofMillis(10);

  private final Scheduler scheduler;
  private final LongPredicate fails;
  private final Supplier<ServerFailure> failure;
  long requests;
  long failed;

  /**
   * A server.
   *
   * @param fails whether the request of that number, from 1, fails
   */
  SimulatedServer(Scheduler scheduler, LongPredicate fails, Supplier<ServerFailure> failure) {
    this.scheduler = scheduler;
    this.fails = fails;
    this.failure = failure;
  }

  /** Answers after a while, or fails soon. */
  Mono<Long> ask(Duration answersAfter) {
    return Mono.defer(
        () -> {
          requests++;
          if (fails.test(requests)) {
            failed++;
            return Mono.delay(FAILS_AFTER, scheduler).then(Mono.error(failure));
          }
          return Mono.delay(answersAfter, scheduler);
        });
  }
}
