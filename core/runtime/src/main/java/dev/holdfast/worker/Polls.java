package dev.holdfast.worker;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskClient;
import dev.holdfast.outage.Decision;
import dev.holdfast.outage.GaveUpException;
import dev.holdfast.outage.OutageSignal;
import dev.holdfast.outage.Pass;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;

/**
 * The poll stage. Each lane waits until the server may be called, and for its turn after that; it
 * polls, hands on what comes while it comes, and begins anew. While the server is away it holds no
 * place, and when polling ends or the outage is given up, so does the lane.
 *
 * <p>There is no buffer and no change of thread between the poll and what follows, so no more is
 * ever leased than there are places for. Nothing here cancels a poll: it ends by its answer or by
 * the client's deadline.
 */
final class Polls {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** How long a poll waits that is to find out whether the server is back. */
  private static final Duration PROBE_WAIT = Duration.ofMillis(100);

  private final TaskClient client;
  private final String workerId;
  private final PollTurns turns;
  private final Stage stage;
  private final OutageSignal outage;
  private final Counters counters;
  private final Observers observers;

  Polls(Stage stage, String workerId, PollTurns turns) {
    this.stage = stage;
    this.client = stage.client();
    this.outage = stage.outage();
    this.counters = stage.counters();
    this.observers = stage.observers();
    this.workerId = workerId;
    this.turns = turns;
  }

  /** What the polls of a lane bring, until polling ends. */
  Flux<Lease> of(Lane lane) {
    return outage
        .pass(lane.channel())
        .flatMapMany(pass -> turn(lane, pass))
        .retryWhen(outage.retry(lane.channel()))
        .repeat(() -> !turns.isClosed())
        .onErrorResume(GaveUpException.class, over -> Flux.empty());
  }

  private Flux<Lease> turn(Lane lane, Pass pass) {
    return turns
        .next(lane)
        .doOnTerminate(() -> closeIfOver(pass))
        .doOnCancel(pass::close)
        .flatMapMany(ticket -> poll(ticket, pass));
  }

  private void closeIfOver(Pass pass) {
    if (turns.isClosed()) {
      pass.close();
    }
  }

  /** Polls, unless the outage began while the lane waited for its turn. */
  private Flux<Lease> poll(PollTicket ticket, Pass pass) {
    if (!pass.begin()) {
      ticket.giveBack();
      return Flux.empty();
    }
    if (pass.isProbe()) {
      ticket.waitAtMost(PROBE_WAIT);
    }
    Lane lane = ticket.lane;
    PollRequest request =
        new PollRequest(lane.type(), workerId, lane.spec.domain(), ticket.count, ticket.longPoll());
    long begun = stage.now();
    counters.polling.incrementAndGet();
    return client
        .poll(request)
        .map(polled -> ticket.lease(polled, client.region(), stage.now()))
        .doOnNext(lease -> counters.polled.increment())
        .doOnComplete(() -> answered(ticket, pass, begun))
        .onErrorMap(Stage::typed)
        .doOnError(ServerFailure.class, failure -> failed(ticket, pass, failure))
        .doOnCancel(
            () -> {
              pass.close();
              close(ticket, false);
            });
  }

  private void answered(PollTicket ticket, Pass pass, long begun) {
    pass.succeeded();
    close(ticket, false);
    observers.emit(
        WorkerEvent.PollAnswered.class,
        () ->
            new WorkerEvent.PollAnswered(
                ticket.lane.type(),
                ticket.count,
                ticket.received(),
                PollTurns.since(begun, stage.now())));
  }

  private void failed(PollTicket ticket, Pass pass, ServerFailure failure) {
    Lane lane = ticket.lane;
    close(ticket, failure.replyCut());
    lane.hot = false;
    if (failure.replyCut()) {
      LOG.warn(
          "The answer to a poll of {} broke off after {} of up to {} tasks: what it hid comes back"
              + " by the server's timeout; the next poll asks for half as many",
          lane.spec,
          ticket.received(),
          ticket.count);
    }
    Decision decision = pass.failed(failure);
    observers.emit(
        WorkerEvent.PollFailed.class,
        () ->
            new WorkerEvent.PollFailed(lane.type(), ticket.received(), failure, decision.delay()));
  }

  private void close(PollTicket ticket, boolean cut) {
    if (ticket.close(cut)) {
      counters.polling.decrementAndGet();
    }
  }
}
