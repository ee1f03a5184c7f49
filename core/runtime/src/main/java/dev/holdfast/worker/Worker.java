package dev.holdfast.worker;

import dev.holdfast.client.TaskClient;
import dev.holdfast.outage.GaveUpException;
import dev.holdfast.store.InMemoryTaskStore;
import dev.holdfast.store.TaskStore;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Polls a task server, runs handlers and reports their results: poll, execute, record and update as
 * one Reactor pipeline. Thread-safe.
 *
 * <p>Each task holds a slot from the moment a poll asks for it until its outcome is recorded; its
 * result is then sent until the server has answered for it. Delivery is at least once.
 */
public final class Worker {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final TaskClient client;
  private final TaskStore store;
  private final WorkerSpec spec;
  private final Counters counters = new Counters();
  private final Observers observers = new Observers(counters);
  private final AtomicReference<@Nullable Run> current = new AtomicReference<>();
  private final Mono<Void> run = Mono.deferContextual(context -> begin().start(context));
  private final Mono<Void> stop = Mono.defer(this::drain);

  private Worker(TaskClient client, TaskStore store, WorkerSpec spec) {
    this.client = Objects.requireNonNull(client, "client");
    this.store = Objects.requireNonNull(store, "store");
    this.spec = Objects.requireNonNull(spec, "spec");
  }

  /**
   * Creates a worker whose finished results wait in memory until the server has answered for them:
   * they survive the server's outage, but not the end of this process. The log says so once.
   *
   * @param client the task server; not closed by the worker
   * @param spec what to do
   * @return the worker, not running yet
   */
  public static Worker create(TaskClient client, WorkerSpec spec) {
    LOG.info(
        "No store was given: finished results wait in memory, and are lost if this process ends"
            + " before the server has answered for them");
    return new Worker(client, new InMemoryTaskStore(), spec);
  }

  /**
   * Creates a worker.
   *
   * @param client the task server; not closed by the worker
   * @param store where finished results wait; not closed by the worker
   * @param spec what to do
   * @return the worker, not running yet
   */
  public static Worker create(TaskClient client, TaskStore store, WorkerSpec spec) {
    return new Worker(client, store, spec);
  }

  /**
   * Runs the worker. Cold: subscribing starts it, and first sends what an earlier run left in the
   * store. The subscriber's Reactor context is visible to the handlers. Signals come on a thread of
   * the client or the worker.
   *
   * <p>Cancelling it stops polling, cancels the handlers, hands their tasks back once they have
   * ended, lets the polls in flight land and hands back what they bring, and sends what waits; all
   * that within the drain's limit, in the background. {@link #stop()} tells when it is over.
   *
   * @return completes after a drain; errors with a {@link GaveUpException} if it gives the server
   *     up, with an {@link OutOfMemoryError} of a handler, with what the store fails with, and with
   *     {@link IllegalStateException} if the worker runs already
   */
  public Mono<Void> run() {
    return run;
  }

  /**
   * Drains the worker: no more polls, the polls in flight land, what has not started is handed
   * back, running handlers finish (after four fifths of the limit they are cancelled, and handed
   * back once they have ended), and what waits is sent. Idempotent; the same mono for all callers.
   * Cancelling it does not end the drain.
   *
   * @return cold; completes when the worker has ended, at once if it does not run; never errors
   */
  public Mono<Void> stop() {
    return stop;
  }

  /**
   * What happens, from the subscription on, on a thread of the subscription's own. A subscriber
   * that is slow misses events, which {@link WorkerStats#droppedEvents()} counts; no subscriber can
   * delay or break the worker.
   *
   * @return hot; never completes by itself, so cancel it
   */
  public Flux<WorkerEvent> events() {
    return events(WorkerEvent.class);
  }

  /**
   * The events of one kind, as {@link #events()} tells them. Those that nobody asks for are never
   * made, so this costs a busy worker less.
   *
   * @param <E> the kind
   * @param kind the kind, such as {@link WorkerEvent.PollFailed} or {@link WorkerEvent.PollEnded}
   * @return hot; never completes by itself, so cancel it
   */
  public <E extends WorkerEvent> Flux<E> events(Class<E> kind) {
    return observers.events(Objects.requireNonNull(kind, "kind"));
  }

  /** {@return what the worker has done since it was created, and what it holds now} */
  public WorkerStats stats() {
    return counters.snapshot();
  }

  private Run begin() {
    Run next =
        current.get() == null
            ? new Run(client, store, spec, counters, observers, this::ended)
            : null;
    if (next == null || !current.compareAndSet(null, next)) {
      throw new IllegalStateException(
          "worker " + spec.workerId() + " runs already: expected one subscription at a time");
    }
    return next;
  }

  private void ended(Run over) {
    current.compareAndSet(over, null);
  }

  private Mono<Void> drain() {
    Run running = current.get();
    if (running == null) {
      return Mono.empty();
    }
    running.drain();
    return running.ended().onErrorComplete();
  }
}
