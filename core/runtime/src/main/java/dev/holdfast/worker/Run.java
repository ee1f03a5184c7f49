package dev.holdfast.worker;

import dev.holdfast.client.TaskClient;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.outage.OutageSignal;
import dev.holdfast.outage.OutageState;
import dev.holdfast.store.FinalStatus;
import dev.holdfast.store.FinishResult;
import dev.holdfast.store.OutboxEntry;
import dev.holdfast.store.StartResult;
import dev.holdfast.store.TaskStore;
import dev.holdfast.task.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.context.ContextView;

/**
 * One run of a worker: the pipeline, and the owner of its one subscription.
 *
 * <table>
 *   <caption>Legal moves</caption>
 *   <tr><th>from</th><th>stop</th><th>cancel, out of memory</th><th>the pipeline ends</th></tr>
 *   <tr><td>running</td><td>draining</td><td>aborting</td><td>ended</td></tr>
 *   <tr><td>draining</td><td>-</td><td>aborting</td><td>ended</td></tr>
 *   <tr><td>aborting</td><td>-</td><td>-</td><td>ended</td></tr>
 * </table>
 *
 * <p>Draining and aborting both let the polls in flight land, hand back what has not started, and
 * flush the outbox. They differ in what handlers are given: four fifths of the drain's time, or
 * none.
 */
final class Run {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** A probe's permit outlives the call it is for. */
  private static final Duration PROBE_MARGIN = Duration.ofSeconds(10);

  private enum Phase {
    RUNNING,
    DRAINING,
    ABORTING
  }

  private final TaskClient client;
  private final TaskStore store;
  private final WorkerSpec spec;
  private final Counters counters;
  private final Observers observers;
  private final Consumer<Run> onEnd;
  private final Threads threads;
  private final List<Lane> lanes;
  private final PollTurns turns;
  private final InFlight inFlight;
  private final Execution execution;
  private final OutageSignal outage;
  private final LeaseKeeper leases;
  private final Polls polls;
  private final Updates updates;

  /** Handlers that were cancelled by the drain and whose code has not ended yet. */
  private final Set<HandlerRun> lingering = ConcurrentHashMap.newKeySet();

  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.RUNNING);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicBoolean timed = new AtomicBoolean();
  private final Sinks.Empty<Void> expired = Sinks.empty();
  private final Sinks.Empty<Void> ended = Sinks.empty();
  private final Disposable.Composite alarms = Disposables.composite();

  /** What listens to the outage signal. */
  private final Disposable.Composite watches = Disposables.composite();

  Run(
      TaskClient client,
      TaskStore store,
      WorkerSpec spec,
      Counters counters,
      Observers observers,
      Consumer<Run> onEnd) {
    this.client = client;
    this.onEnd = onEnd;
    this.store = store;
    this.spec = spec;
    this.counters = counters;
    this.observers = observers;
    this.threads = Threads.of(spec.slots(), spec.scheduler());
    this.lanes = spec.tasks().stream().map(task -> new Lane(task, spec.slots())).toList();
    this.turns = new PollTurns(lanes, spec.slots(), store.outbox().capacity(), threads.timer());
    this.inFlight = new InFlight(threads.timer());
    this.execution =
        new Execution(
            threads,
            inFlight,
            client.codec(),
            spec.maxOutputBytes(),
            client.callTimeout(),
            this::outOfMemory);
    this.outage =
        OutageSignal.create(
            spec.outage()
                .scheduler(threads::timer)
                .probeTimeout(client.callTimeout().plus(PROBE_MARGIN)),
            lanes.stream().map(Lane::channel).toList());
    Stage stage = new Stage(client, threads.timer(), outage, counters, observers);
    this.leases =
        new LeaseKeeper(
            client.callTimeout(),
            spec.workerId(),
            threads.timer(),
            new LeaseCalls(stage, spec.workerId()),
            () -> ThreadLocalRandom.current().nextDouble());
    this.polls = new Polls(stage, spec.workerId(), turns);
    this.updates = new Updates(stage, store.outbox());
  }

  /** The picture: poll, execute, record, update; an update may bring a lease, as a poll does. */
  private Mono<Void> pipeline() {
    Mono<Void> left = new EachAtOnce<>(store.outbox().waiting(), this::resend);
    List<Mono<Void>> fresh =
        lanes.stream()
            .<Mono<Void>>map(
                lane ->
                    new EachAtOnce<>(
                        polls.of(lane), // as many as slots are free
                        lease ->
                            execute(lease) // a handler per slot, the lease kept
                                .flatMap(this::record) // the one final, and the outbox
                                .flatMap(this::update))) // until the server has answered
            .toList();
    return left.and(Mono.when(fresh));
  }

  /** Starts the run; to be called once. */
  Mono<Void> start(ContextView context) {
    LOG.info(
        "Worker {} polls {} at {}: {} slots, deadline {}",
        spec.workerId(),
        spec.tasks(),
        client.region(),
        spec.slots(),
        deadlines());
    observers.emit(
        WorkerEvent.Started.class,
        () -> new WorkerEvent.Started(spec.workerId(), lanes.stream().map(Lane::type).toList()));
    HandlerScope.retain();
    watches.add(outage.gaveUp().subscribe(nothing -> {}, this::giveUp));
    watches.add(outage.states().skip(1).subscribe(this::tell));
    pipeline()
        .takeUntilOther(expired.asMono())
        .then(Mono.defer(this::abandon))
        .contextWrite(context)
        .subscribe(nothing -> {}, this::end, () -> end(null));
    return ended.asMono().doOnCancel(this::abort);
  }

  Mono<Void> ended() {
    return ended.asMono();
  }

  private void tell(OutageState state) {
    observers.emit(
        WorkerEvent.ServerChanged.class,
        () -> new WorkerEvent.ServerChanged(client.region(), state));
  }

  /** A lease that has its final: how it ended, and what to send. */
  private record Done(Kept kept, FinalStatus status, @Nullable TaskUpdate update) {
    Lease lease() {
      return kept.lease();
    }
  }

  private Mono<Done> execute(Lease lease) {
    if (lease.isNameless()) {
      return dropNameless(lease);
    }
    Kept kept = leases.keep(lease);
    if (!lease.placed()) {
      return turns.admit(lease.lane()).flatMap(place -> place ? begin(kept) : refuse(kept));
    }
    return begin(kept);
  }

  private Mono<Done> begin(Kept kept) {
    Lease lease = kept.lease();
    counters.running.incrementAndGet();
    if (lease.unusable() != null) {
      LOG.warn("Task {} can't be run: {}", lease.attempt(), lease.unusable());
      return Mono.just(done(kept, Outcome.failedForGood(lease.unusable())));
    }
    if (turns.isClosed()) {
      return Mono.just(released(kept));
    }
    return store.start(lease.attempt()).flatMap(result -> run(kept, result));
  }

  private Mono<Done> run(Kept kept, StartResult result) {
    Lease lease = kept.lease();
    if (result != StartResult.STARTED) {
      LOG.warn("Task {} was delivered twice; it is run once ({})", lease.attempt(), result);
      kept.end();
      free(lease);
      turns.freeOutbox();
      return Mono.empty();
    }
    counters.started.increment();
    observers.emit(
        WorkerEvent.TaskStarted.class,
        () -> new WorkerEvent.TaskStarted(lease.attempt(), lease.lane().type()));
    return execution.run(kept).flatMap(ending -> done(kept, ending));
  }

  private Mono<Done> done(Kept kept, HandlerRun.Ending ending) {
    if (ending instanceof HandlerRun.Ended byItself) {
      return Mono.just(done(kept, byItself.outcome()));
    }
    HandlerRun.Stopped stopped = (HandlerRun.Stopped) ending;
    HandlerRun run = stopped.run();
    lingering.add(run);
    return run.left()
        .then(
            Mono.fromSupplier(
                () -> {
                  lingering.remove(run);
                  return done(kept, stopped.cause());
                }));
  }

  /** A handler that was cancelled and has ended. Only its own task is ever handed back. */
  private Done done(Kept kept, HandlerRun.Cause cause) {
    return switch (cause) {
      case NOT_OURS -> new Done(kept, FinalStatus.CANCELLED, null);
      case LEASE_LOST ->
          new Done(
              kept,
              FinalStatus.CANCELLED,
              TaskUpdate.release(kept.lease().task(), spec.workerId()));
      case STOPPED, TIMED_OUT -> released(kept);
    };
  }

  private Done done(Kept kept, Outcome outcome) {
    FinalStatus status;
    if (outcome instanceof Outcome.Completed) {
      status = FinalStatus.COMPLETED;
    } else if (outcome instanceof Outcome.Failed) {
      status = FinalStatus.FAILED;
    } else if (outcome instanceof Outcome.FailedForGood) {
      status = FinalStatus.FAILED_FOR_GOOD;
    } else {
      status = FinalStatus.RETRY_LATER;
    }
    return new Done(kept, status, TaskUpdate.of(kept.lease().task(), outcome, spec.workerId()));
  }

  private Done released(Kept kept) {
    TaskUpdate update = TaskUpdate.release(kept.lease().task(), spec.workerId());
    return new Done(kept, FinalStatus.RELEASED, update);
  }

  private Mono<Done> refuse(Kept kept) {
    turns.takeBeyond(kept.lease().lane());
    counters.running.incrementAndGet();
    return Mono.just(released(kept));
  }

  private Mono<Done> dropNameless(Lease lease) {
    LOG.warn(
        "An element of a poll of {} can't be read, not even its id: {}. Its task comes back by the"
            + " server's timeout",
        lease.lane().spec,
        lease.unusable());
    counters.failed.increment();
    if (lease.placed()) {
      turns.freeSlot(lease.lane());
      turns.freeOutbox();
    }
    return Mono.empty();
  }

  private Mono<Recorded> record(Done done) {
    Lease lease = done.lease();
    return store
        .finish(lease.attempt(), done.status(), done.update())
        .flatMap(result -> recorded(done, result));
  }

  /**
   * A result in the outbox.
   *
   * @param next the places for a task that its update is to take along, or null
   */
  private record Recorded(OutboxEntry entry, Kept kept, @Nullable PollTicket next) {}

  private Mono<Recorded> recorded(Done done, FinishResult result) {
    Lease lease = done.lease();
    TaskUpdate update = done.update();
    boolean won = result instanceof FinishResult.Finished;
    if (won) {
      count(done.status());
      observers.emit(
          WorkerEvent.TaskFinished.class,
          () ->
              new WorkerEvent.TaskFinished(
                  lease.attempt(),
                  lease.lane().type(),
                  done.status(),
                  PollTurns.since(lease.receivedNanos(), now())));
    }
    if (won && update != null) {
      counters.outbox.incrementAndGet();
      counters.running.decrementAndGet();
      PollTicket next = keepSlot(lease, update);
      if (next == null) {
        turns.freeSlot(lease.lane());
      }
      return Mono.just(new Recorded(new OutboxEntry(lease.attempt(), update), done.kept(), next));
    }
    done.kept().end();
    free(lease);
    turns.freeOutbox();
    return Mono.empty();
  }

  private void count(FinalStatus status) {
    switch (status) {
      case COMPLETED -> counters.completed.increment();
      case FAILED, FAILED_FOR_GOOD -> counters.failed.increment();
      case RETRY_LATER, RELEASED -> counters.released.increment();
      case CANCELLED -> {}
    }
  }

  private void free(Lease lease) {
    counters.running.decrementAndGet();
    turns.freeSlot(lease.lane());
  }

  /** A slot waits for a task only with a result that is sent now, and only once. */
  private @Nullable PollTicket keepSlot(Lease lease, TaskUpdate update) {
    boolean asks = spec.takesNext() && update.isIdempotent() && updates.isFree();
    return asks ? turns.keepSlot(lease.lane()) : null;
  }

  /** Emits the task that the update has taken along, if it has. */
  private Mono<Lease> update(Recorded recorded) {
    return updates
        .deliver(recorded.entry(), recorded.kept(), recorded.next())
        .mapNotNull(this::settle);
  }

  /** What an earlier run left: it may have been sent, and only its answer lost. */
  private Mono<OutboxEntry> resend(OutboxEntry entry) {
    turns.takeOutbox();
    counters.outbox.incrementAndGet();
    return updates.deliver(entry, null, null).doOnNext(this::settle).then(Mono.empty());
  }

  /** A dead letter keeps its room, since it is kept; so even these are bounded. */
  private @Nullable Lease settle(Updates.Settlement settlement) {
    counters.outbox.decrementAndGet();
    if (settlement.how() != Updates.Settled.DEAD) {
      turns.freeOutbox();
    }
    return settlement.next();
  }

  /** Drains: handlers have four fifths of the time. */
  void drain() {
    if (phase.compareAndSet(Phase.RUNNING, Phase.DRAINING)) {
      LOG.info(
          "Worker {} drains: {} tasks run, {} results wait",
          spec.workerId(),
          counters.running.get(),
          counters.outbox.get());
      observers.emit(WorkerEvent.Draining.class, WorkerEvent.Draining::new);
      expireAfter(spec.drainTimeout());
      alarm(spec.drainTimeout().multipliedBy(4).dividedBy(5), inFlight::cancelAll);
      stopPolling();
    }
  }

  /** Ends soon: handlers are cancelled at once. */
  private void abort() {
    if (phase.getAndSet(Phase.ABORTING) != Phase.ABORTING) {
      expireAfter(spec.drainTimeout());
      stopPolling();
      inFlight.cancelAll();
    }
  }

  /**
   * The server is given up: handlers may finish within the drain's limit, and their results stay in
   * the outbox.
   */
  private void giveUp(Throwable why) {
    failure.compareAndSet(null, why);
    drain();
  }

  /** The turns first: whoever the signal lets go then finds that there are none. */
  private void stopPolling() {
    turns.close();
    outage.stopPolls();
  }

  private void expireAfter(Duration delay) {
    if (timed.compareAndSet(false, true)) {
      alarm(delay, expired::tryEmitEmpty);
    }
  }

  private void alarm(Duration delay, Runnable action) {
    alarms.add(threads.timer().schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS));
  }

  private void outOfMemory(Error error) {
    failure.compareAndSet(null, error);
    abort();
  }

  /** What is left when the drain's time is up: handlers whose code has not ended. */
  private Mono<Void> abandon() {
    return Flux.fromIterable(List.copyOf(lingering))
        .concatMap(
            run -> {
              Lease lease = run.lease();
              LOG.warn(
                  "The handler of {} ran on after its cancel: its lease lapses, and the task may"
                      + " run twice",
                  lease.attempt());
              counters.abandoned.increment();
              observers.emit(
                  WorkerEvent.HandlerAbandoned.class,
                  () -> new WorkerEvent.HandlerAbandoned(lease.attempt()));
              return store.finish(lease.attempt(), FinalStatus.CANCELLED, null);
            })
        .then();
  }

  private void end(@Nullable Throwable error) {
    if (error != null) {
      failure.compareAndSet(null, error);
    }
    if (outage.state() instanceof OutageState.GaveUp over) {
      // All that waited may have ended by it before its listener here was told.
      failure.compareAndSet(null, over.why());
    }
    try {
      inFlight.cancelAll();
      inFlight.close();
      alarms.dispose();
      watches.dispose();
      stopPolling();
      leases.close();
      outage.close();
      HandlerScope.release();
      threads.close();
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    }
    WorkerStats stats = counters.snapshot();
    LOG.info("Worker {} has ended: {}", spec.workerId(), stats);
    observers.emit(WorkerEvent.Stopped.class, () -> new WorkerEvent.Stopped(stats));
    onEnd.accept(this);
    Throwable why = failure.get();
    if (why != null) {
      ended.tryEmitError(why);
    } else {
      ended.tryEmitEmpty();
    }
  }

  private String deadlines() {
    return spec.tasks().stream()
        .map(task -> task.timeout().toString().substring(2).toLowerCase(Locale.ROOT))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private long now() {
    return threads.timer().now(TimeUnit.NANOSECONDS);
  }
}
