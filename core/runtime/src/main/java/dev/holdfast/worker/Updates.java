package dev.holdfast.worker;

import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskClient;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.store.Outbox;
import dev.holdfast.store.OutboxEntry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * The update stage: sends what waits in the outbox until the server has answered for it, the
 * nearest lease deadline first.
 *
 * <p>A terminal result is idempotent and is repeated as it is. Handing a task back is not: once an
 * answer was lost, the task is looked up first, and the update repeated only if the attempt still
 * holds it. A result that the server refuses for good becomes a dead letter: a rejection at once, a
 * 5xx after {@value #MAX_BROKEN} times ({@value #MAX_BROKEN_FOR_GOOD} if the server says that a
 * retry can't help), and then only if other results get through, since else it may be the server.
 */
final class Updates {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final int PARALLEL = 32;
  static final int MAX_BROKEN = 5;

  /** The hint alone is not to be trusted: a locked database is answered so, too. */
  static final int MAX_BROKEN_FOR_GOOD = 3;

  private final TaskClient client;
  private final Outbox outbox;
  private final Scheduler timer;
  private final Backoff backoff;
  private final FailureLog failures;
  private final Counters counters;
  private final Observers observers;
  private final SendGate gate = new SendGate(PARALLEL);
  private final AtomicLong successes = new AtomicLong();

  Updates(Stage stage, Outbox outbox) {
    this.client = stage.client();
    this.timer = stage.timer();
    this.backoff = stage.backoff();
    this.failures = stage.failures();
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
    return gate.places() > 0;
  }

  /**
   * Sends a result until the server has answered for it, and takes it out of the outbox.
   *
   * @param dueNanos until when the server waits for it
   * @param unsure whether it may have been sent before, by an earlier run
   * @param next the places for a task that the first try is to take along, closed by this stage;
   *     null if none is wanted
   */
  Mono<Settlement> deliver(
      OutboxEntry entry, long dueNanos, boolean unsure, @Nullable PollTicket next) {
    return Mono.defer(
        () -> {
          Delivery delivery = new Delivery(entry, dueNanos, unsure, next, successes.get());
          Mono<Settlement> settlement =
              attempt(delivery)
                  .onErrorResume(failure -> again(delivery, failure))
                  .then(Mono.defer(() -> settled(delivery)));
          return next == null ? settlement : settlement.doOnCancel(() -> next.close(false));
        });
  }

  /** One try, once there is a place for it. */
  private Mono<Void> attempt(Delivery delivery) {
    delivery.tries++;
    return gate.pass(delivery.dueNanos, send(delivery));
  }

  /**
   * What follows the first try if it failed, which is rare: until it gets through or is refused.
   */
  private Mono<Void> again(Delivery delivery, Throwable first) {
    return pause(delivery, first)
        .then(
            Mono.defer(() -> attempt(delivery))
                .retryWhen(
                    Retry.from(failed -> failed.concatMap(f -> pause(delivery, f.failure()), 0))))
        .onErrorResume(Refused.class, refused -> refused(delivery, refused.failure));
  }

  private Mono<Void> send(Delivery delivery) {
    TaskUpdate update = delivery.entry.update();
    if (delivery.unsure && !update.isIdempotent()) {
      return client
          .find(update.taskId())
          .map(state -> state.isHeldBy(delivery.entry.attempt().pollCount(), update.workerId()))
          .defaultIfEmpty(false)
          .flatMap(ours -> ours ? client.update(update) : tooLate(delivery));
    }
    PollTicket next = delivery.next;
    if (next == null || delivery.tries > 1) {
      return client.update(update);
    }
    return client.updateAndPoll(update).doOnNext(polled -> taken(delivery, next, polled)).then();
  }

  private static Mono<Void> tooLate(Delivery delivery) {
    return Mono.fromRunnable(() -> delivery.how = Settled.LATE);
  }

  private void taken(Delivery delivery, PollTicket next, Polled polled) {
    counters.polled.increment();
    delivery.taken = next.lease(polled, client.region(), timer.now(TimeUnit.NANOSECONDS));
  }

  private Mono<Settlement> settled(Delivery delivery) {
    delivery.closeNext();
    OutboxEntry entry = delivery.entry;
    Mono<Settlement> settlement = Mono.just(new Settlement(delivery.how, delivery.taken));
    if (delivery.how == Settled.DEAD) {
      return settlement;
    }
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

  /** The wait before the next try; an error ends the tries. */
  private Mono<Long> pause(Delivery delivery, Throwable failure) {
    delivery.closeNext();
    ServerFailure typed =
        failure instanceof ServerFailure known
            ? known
            : ServerFailure.of(ServerFailure.Kind.BROKEN, failure.toString(), failure);
    delivery.unsure |= typed.maybeApplied();
    if (isRefused(delivery, typed)) {
      return Mono.error(new Refused(typed));
    }
    delivery.failures++;
    Duration delay = delay(delivery, typed);
    failures.warn("Update of " + delivery.entry.attempt(), failure, delay);
    observers.emit(
        WorkerEvent.UpdateFailed.class,
        () -> new WorkerEvent.UpdateFailed(delivery.entry.attempt(), delivery.tries, typed, delay));
    return Mono.delay(delay, timer);
  }

  private Duration delay(Delivery delivery, ServerFailure failure) {
    Duration delay = backoff.delay(delivery.failures);
    Duration asked = failure.retryAfter();
    return asked != null && asked.compareTo(delay) > 0 ? asked : delay;
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

  private Mono<Void> refused(Delivery delivery, ServerFailure failure) {
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
    return outbox.deadLetter(entry.attempt(), failure.text());
  }

  /** One result on its way. Confined to its own signals. */
  private static final class Delivery {
    final OutboxEntry entry;
    final long dueNanos;
    final long successesBefore;
    final @Nullable PollTicket next;
    Settled how = Settled.DELIVERED;
    @Nullable Lease taken;
    boolean unsure;
    int tries;
    int failures;
    int broken;

    Delivery(
        OutboxEntry entry,
        long dueNanos,
        boolean unsure,
        @Nullable PollTicket next,
        long successesBefore) {
      this.entry = entry;
      this.dueNanos = dueNanos;
      this.unsure = unsure;
      this.next = next;
      this.successesBefore = successesBefore;
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
