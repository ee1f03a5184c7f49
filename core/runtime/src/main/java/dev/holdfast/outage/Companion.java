package dev.holdfast.outage;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Decides when a call that failed goes to the gate again. See {@link OutageSignal#retry}. */
final class Companion extends Retry {

  private final OutageSignal signal;
  private final Channel channel;
  private final Backoff backoff;

  Companion(OutageSignal signal, Channel channel, Backoff backoff) {
    this.signal = signal;
    this.channel = channel;
    this.backoff = backoff;
  }

  @Override
  public Publisher<?> generateCompanion(Flux<RetrySignal> failures) {
    return Flux.defer(
        () -> {
          Tries tries = new Tries();
          return failures.map(RetrySignal::copy).concatMap(tries::next, 0);
        });
  }

  /** One subscription's. Confined to its signals. */
  private final class Tries {
    private boolean went;
    private boolean stopped;
    private long wentNanos;

    Mono<Long> next(RetrySignal signalled) {
      Throwable error = signalled.failure();
      if (!(error instanceof ServerFailure failure) || isOfOneTask(failure)) {
        return Mono.error(error);
      }
      Duration delay = delay(failure, signalled.totalRetriesInARow() + 1);
      Mono<Long> wait = delay.isZero() ? Mono.empty() : Mono.delay(delay, signal.scheduler());
      return wait.takeUntilOther(signal.ended(channel)).then(Mono.defer(() -> again(error)));
    }

    /** In an outage the gate waits, unless this subscription comes back as if there were none. */
    private Duration delay(ServerFailure failure, long failures) {
      boolean parked =
          isServers(failure.kind()) && signal.situation().server() instanceof Server.Outage;
      boolean hasty = went && signal.now() - wentNanos < backoff.baseNanos() / 2;
      return parked && !hasty
          ? Duration.ZERO
          : Duration.ofNanos(backoff.delayNanos(failures, failure.retryAfter(), signal.random()));
    }

    private Mono<Long> again(Throwable error) {
      if (signal.situation().server() instanceof Server.GaveUp over) {
        return Mono.error(over.why());
      }
      if (signal.isStopped(channel)) {
        if (stopped) {
          return Mono.error(error);
        }
        stopped = true;
      }
      went = true;
      wentNanos = signal.now();
      return Mono.just(1L);
    }
  }

  private boolean isOfOneTask(ServerFailure failure) {
    return channel.kind() != Channel.Kind.POLL && failure.kind() == ServerFailure.Kind.REJECTED;
  }

  private static boolean isServers(ServerFailure.Kind kind) {
    return kind == ServerFailure.Kind.UNREACHABLE || kind == ServerFailure.Kind.OVERLOADED;
  }
}
