package dev.holdfast.worker;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskClient;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * The poll stage. Each lane waits for its turn, polls, hands on what comes while it comes, and
 * waits for the next turn; after a failure it waits longer and holds no place meanwhile.
 *
 * <p>There is no buffer and no change of thread between the poll and what follows, so no more is
 * ever leased than there are places for. Nothing here cancels a poll: it ends by its answer or by
 * the client's deadline.
 */
final class Polls {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final TaskClient client;
  private final String workerId;
  private final PollTurns turns;
  private final Scheduler timer;
  private final Backoff backoff;
  private final Mono<Void> stopping;
  private final FailureLog failures;
  private final Counters counters;
  private final Observers observers;

  Polls(Stage stage, String workerId, PollTurns turns, Mono<Void> stopping) {
    this.client = stage.client();
    this.timer = stage.timer();
    this.backoff = stage.backoff();
    this.failures = stage.failures();
    this.counters = stage.counters();
    this.observers = stage.observers();
    this.workerId = workerId;
    this.turns = turns;
    this.stopping = stopping;
  }

  /** What the polls of a lane bring, until polling ends. */
  Flux<Lease> of(Lane lane) {
    return Flux.defer(
        () -> {
          Streak streak = new Streak();
          return Flux.defer(() -> turns.next(lane).flatMapMany(ticket -> poll(ticket, streak)))
              .retryWhen(Retry.from(failed -> failed.concatMap(f -> pause(lane, streak), 0)))
              .repeat(() -> !turns.isClosed());
        });
  }

  private Flux<Lease> poll(PollTicket ticket, Streak streak) {
    Lane lane = ticket.lane;
    PollRequest request =
        new PollRequest(lane.type(), workerId, lane.spec.domain(), ticket.count, ticket.longPoll);
    long begun = now();
    counters.polling.incrementAndGet();
    return client
        .poll(request)
        .map(polled -> ticket.lease(polled, client.region(), now()))
        .doOnNext(lease -> counters.polled.increment())
        .doOnComplete(() -> answered(ticket, streak, begun))
        .doOnError(failure -> failed(ticket, streak, failure))
        .doOnCancel(() -> close(ticket, false));
  }

  private void answered(PollTicket ticket, Streak streak, long begun) {
    if (streak.failures > 0) {
      LOG.info(
          "Polls of {} are answered again after {} failures", ticket.lane.spec, streak.failures);
      streak.failures = 0;
    }
    close(ticket, false);
    observers.emit(
        WorkerEvent.PollAnswered.class,
        () ->
            new WorkerEvent.PollAnswered(
                ticket.lane.type(),
                ticket.count,
                ticket.received(),
                PollTurns.since(begun, now())));
  }

  private void failed(PollTicket ticket, Streak streak, Throwable failure) {
    Lane lane = ticket.lane;
    boolean cut = failure instanceof ServerFailure typed && typed.replyCut();
    close(ticket, cut);
    streak.failures++;
    streak.delay = backoff.delay(streak.failures);
    if (cut) {
      LOG.warn(
          "The answer to a poll of {} broke off after {} of up to {} tasks: what it hid comes back"
              + " by the server's timeout; the next poll asks for half as many",
          lane.spec,
          ticket.received(),
          ticket.count);
    }
    failures.warn("Poll of " + lane.spec, failure, streak.delay);
    observers.emit(
        WorkerEvent.PollFailed.class,
        () ->
            new WorkerEvent.PollFailed(
                lane.type(),
                ticket.received(),
                failure instanceof ServerFailure typed
                    ? typed
                    : ServerFailure.of(ServerFailure.Kind.BROKEN, failure.toString(), failure),
                streak.delay));
  }

  private void close(PollTicket ticket, boolean cut) {
    if (ticket.close(cut)) {
      counters.polling.decrementAndGet();
    }
  }

  /** The wait before the next try; a stop ends it. */
  private Mono<Long> pause(Lane lane, Streak streak) {
    lane.hot = false;
    return Mono.delay(streak.delay, timer).takeUntilOther(stopping).defaultIfEmpty(0L);
  }

  private long now() {
    return timer.now(TimeUnit.NANOSECONDS);
  }

  /** Failures of one lane in a row. Confined to the lane's own signals. */
  private static final class Streak {
    long failures;
    Duration delay = Duration.ZERO;
  }
}
