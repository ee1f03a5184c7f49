package dev.holdfast.worker;

import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskClient;
import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.outage.Channel;
import dev.holdfast.outage.Decision;
import dev.holdfast.outage.GaveUpException;
import dev.holdfast.outage.OutageSignal;
import dev.holdfast.outage.Pass;
import dev.holdfast.store.Outbox;
import dev.holdfast.store.OutboxEntry;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The update stage: sends what waits in the outbox until the server has answered for it, the
 * nearest lease deadline first. While the server is away all of it waits at the outage signal, and
 * once that has given up, it stays in the outbox.
 *
 * <p>A terminal result is idempotent and is repeated as it is. Handing a task back is not: once an
 * answer was lost, the task is looked up first, and the update repeated only if the attempt still
 * holds it. So is any result that comes after its lease may have lapsed. A result that the server
 * refuses for good becomes a dead letter: a rejection at once, a 5xx after {@value #MAX_BROKEN}
 * times ({@value #MAX_BROKEN_FOR_GOOD} if the server says that a retry can't help), and then only
 * if other results get through, since else it may be the server.
 */
final class Updates {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final Channel CHANNEL = Channel.update();
  private static final int PARALLEL = 32;
  static final int MAX_BROKEN = 5;

  /** The hint alone is not to be trusted: a locked database is answered so, too. */
  static final int MAX_BROKEN_FOR_GOOD = 3;

  private final TaskClient client;
  private final Outbox outbox;
  private final Stage stage;
  private final OutageSignal outage;
  private final Counters counters;
  private final Observers observers;
  private final SendGate gate = new SendGate(PARALLEL);
  private final AtomicLong successes = new AtomicLong();

  Updates(Stage stage, Outbox outbox) {
    this.stage = stage;
    this.client = stage.client();
    this.outage = stage.outage();
    this.counters = stage.counters();
    this.observers = stage.observers();
    this.outbox = outbox;
  }

  /** How a result left the stage. */
  enum Settled {
    /** The server has answered for it. */
    DELIVERED,
    /** The task was somebody else's by then. */
    LATE,
    /** The server refuses it for good. */
    DEAD
  }

  /**
   * How a result left the stage, and the task that its update took along.
   *
   * @param next the task's lease, or null if there is none
   */
  record Settlement(Settled how, @Nullable Lease next) {}

  /** Whether a result that comes now would be sent at once. */
  boolean isFree() {
    return outage.isOpen() && gate.places() > 0;
  }

  /**
   * Sends a result until the server has answered for it, and takes it out of the outbox.
   *
   * @param kept its lease; null for what an earlier run left, which may have been sent before
   * @param next the places for a task that the first try is to take along, closed by this stage;
   *     null if none is wanted
   * @return how it left the stage; empty if it stays in the outbox, since the outage was given up
   *     or the run is over
   */
  Mono<Settlement> deliver(OutboxEntry entry, @Nullable Kept kept, @Nullable PollTicket next) {
    return Mono.defer(
        () -> {
          Delivery delivery = new Delivery(entry, kept, next, successes.get());
          Mono<Settlement> settlement =
              firstTry(delivery)
                  .then(
                      Mono.defer(
                          () -> delivery.answered ? settled(delivery) : untilAnswered(delivery)));
          return next == null ? settlement : settlement.doOnCancel(() -> next.close(false));
        });
  }

  /** Nearly all get through at once, so this costs little: no pass of its own, no retry. */
  private Mono<Void> firstTry(Delivery delivery) {
    if (!outage.isOpen()) {
      return Mono.empty();
    }
    return gate.pass(delivery.dueNanos(), () -> sendIfOpen(delivery))
        .onErrorResume(failure -> firstFailed(delivery, failure));
  }

  private Mono<Void> sendIfOpen(Delivery delivery) {
    if (!outage.isOpen()) {
      return Mono.empty();
    }
    delivery.begin(stage.now());
    return send(delivery);
  }

  private Mono<Void> firstFailed(Delivery delivery, Throwable failure) {
    ServerFailure typed = Stage.typed(failure);
    Decision decision = outage.onFailure(CHANNEL, typed, delivery.begunNanos);
    delivery.first = failed(delivery, typed, decision);
    return Mono.empty();
  }

  private Mono<Settlement> untilAnswered(Delivery delivery) {
    delivery.closeNext();
    return Mono.defer(
            () -> {
              Throwable first = delivery.first;
              delivery.first = null;
              return first == null ? throughTheGate(delivery) : Mono.<Boolean>error(first);
            })
        .retryWhen(outage.retry(CHANNEL))
        .onErrorResume(Refused.class, refused -> refused(delivery, refused.failure))
        .onErrorResume(GaveUpException.class, over -> Mono.empty())
        .flatMap(answered -> settled(delivery));
  }

  /**
   * Waits until the server may be called, and for a place; a pass that is void by then is nothing.
   */
  private Mono<Boolean> throughTheGate(Delivery delivery) {
    return outage
        .pass(CHANNEL)
        .flatMap(
            pass ->
                gate.pass(delivery.dueNanos(), () -> sendWith(pass, delivery))
                    .doOnCancel(pass::close)
                    .then(Mono.fromSupplier(() -> delivery.answered)))
        .flatMap(answered -> answered ? Mono.just(true) : throughTheGate(delivery));
  }

  private Mono<Void> sendWith(Pass pass, Delivery delivery) {
    if (!pass.begin()) {
      return Mono.empty();
    }
    delivery.begin(stage.now());
    return send(delivery)
        .doOnSuccess(nothing -> pass.succeeded())
        .onErrorMap(
            failure -> {
              ServerFailure typed = Stage.typed(failure);
              return failed(delivery, typed, pass.failed(typed));
            });
  }

  private Mono<Void> send(Delivery delivery) {
    TaskUpdate update = delivery.entry.update();
    Kept kept = delivery.kept;
    if (kept == null || kept.isOverdue() || (delivery.unsure && !update.isIdempotent())) {
      Mono<Void> lookUp = lookUp(delivery);
      return kept == null || update.isIdempotent() ? lookUp : kept.quiet().then(lookUp);
    }
    if (!update.isIdempotent()) {
      return kept.quiet().then(client.update(update));
    }
    PollTicket next = delivery.next;
    if (next == null || delivery.tries > 1) {
      return client.update(update);
    }
    return client.updateAndPoll(update).doOnNext(polled -> taken(delivery, next, polled)).then();
  }

  /** Sends it only if the task is still this attempt's: nobody but us can tell. */
  private Mono<Void> lookUp(Delivery delivery) {
    TaskUpdate update = delivery.entry.update();
    return client
        .find(update.taskId())
        .map(state -> verdict(delivery, state))
        .defaultIfEmpty(Verdict.LATE)
        .flatMap(
            verdict ->
                switch (verdict) {
                  case OURS -> client.update(update);
                  case SENT -> Mono.empty();
                  case LATE -> Mono.fromRunnable(() -> delivery.how = Settled.LATE);
                });
  }

  private enum Verdict {
    OURS,
    SENT,
    LATE
  }

  private static Verdict verdict(Delivery delivery, TaskState state) {
    TaskUpdate update = delivery.entry.update();
    if (state.isHeldBy(delivery.entry.attempt().pollCount(), update.workerId())) {
      return Verdict.OURS;
    }
    // If an answer was lost, this may be what our own update did.
    boolean mayBeOurs =
        delivery.unsure && update.isIdempotent() && state.status() == update.status();
    return mayBeOurs ? Verdict.SENT : Verdict.LATE;
  }

  private void taken(Delivery delivery, PollTicket next, Polled polled) {
    counters.polled.increment();
    delivery.taken = next.lease(polled, client.region(), stage.now());
  }

  private Mono<Settlement> settled(Delivery delivery) {
    delivery.closeNext();
    OutboxEntry entry = delivery.entry;
    if (delivery.kept != null) {
      delivery.kept.end();
    }
    Mono<Settlement> settlement = Mono.just(new Settlement(delivery.how, delivery.taken));
    if (delivery.how == Settled.DEAD) {
      return settlement;
    }
    outage.onSuccess(CHANNEL, delivery.begunNanos);
    successes.incrementAndGet();
    if (delivery.how == Settled.DELIVERED) {
      counters.delivered.increment();
      observers.emit(
          WorkerEvent.ResultDelivered.class,
          () -> new WorkerEvent.ResultDelivered(entry.attempt(), delivery.tries));
    } else {
      counters.late.increment();
      observers.emit(
          WorkerEvent.ResultLate.class, () -> new WorkerEvent.ResultLate(entry.attempt()));
    }
    return outbox.delivered(entry.attempt()).then(settlement);
  }

  /** What a failed try comes to: the failure, or that there is to be no other. */
  private Throwable failed(Delivery delivery, ServerFailure failure, Decision decision) {
    delivery.answered = false;
    delivery.unsure |= failure.maybeApplied();
    if (isRefused(delivery, failure)) {
      return new Refused(failure);
    }
    observers.emit(
        WorkerEvent.UpdateFailed.class,
        () ->
            new WorkerEvent.UpdateFailed(
                delivery.entry.attempt(), delivery.tries, failure, decision.delay()));
    return failure;
  }

  private boolean isRefused(Delivery delivery, ServerFailure failure) {
    return switch (failure.kind()) {
      case REJECTED -> true;
      case BROKEN -> {
        if (failure.status() >= 500) {
          delivery.broken++;
        }
        int limit = failure.retryable() ? MAX_BROKEN : MAX_BROKEN_FOR_GOOD;
        yield delivery.broken >= limit && successes.get() > delivery.successesBefore;
      }
      case UNREACHABLE, OVERLOADED, UNAUTHORIZED -> false;
    };
  }

  private Mono<Boolean> refused(Delivery delivery, ServerFailure failure) {
    OutboxEntry entry = delivery.entry;
    LOG.error(
        "The server refuses the result of {} for good; it is kept as a dead letter: {}",
        entry.attempt(),
        failure.text());
    counters.rejected.increment();
    observers.emit(
        WorkerEvent.ResultRejected.class,
        () -> new WorkerEvent.ResultRejected(entry.attempt(), failure));
    delivery.how = Settled.DEAD;
    return outbox.deadLetter(entry.attempt(), failure.text()).thenReturn(true);
  }

  /** One result on its way. Confined to its own signals. */
  private static final class Delivery {
    final OutboxEntry entry;
    final @Nullable Kept kept;
    final @Nullable PollTicket next;
    final long successesBefore;
    Settled how = Settled.DELIVERED;
    @Nullable Lease taken;

    /** Whether the last try was made and did not fail. */
    boolean answered;

    /** Whether an earlier try may have been carried out. */
    boolean unsure;

    /** How the first try failed, until that has been retried. */
    @Nullable Throwable first;

    long begunNanos;
    int tries;
    int broken;

    Delivery(
        OutboxEntry entry, @Nullable Kept kept, @Nullable PollTicket next, long successesBefore) {
      this.entry = entry;
      this.kept = kept;
      this.next = next;
      this.unsure = kept == null;
      this.successesBefore = successesBefore;
    }

    /** Until when the server waits for it; what an earlier run left is the most urgent. */
    long dueNanos() {
      return kept == null ? Long.MIN_VALUE : kept.lease().dueNanos();
    }

    void begin(long nowNanos) {
      begunNanos = nowNanos;
      answered = true;
      tries++;
    }

    /** Only the first try takes a task along: what is sent again is sent alone. */
    void closeNext() {
      if (next != null) {
        next.close(false);
      }
    }
  }

  /** Ends the tries of a result that the server refuses. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient ServerFailure failure;

    Refused(ServerFailure failure) {
      super(failure.getMessage(), failure, false, false);
      this.failure = failure;
    }
  }
}
