package dev.holdfast.launcher;

import dev.holdfast.client.TaskClient;
import dev.holdfast.conductor.ConductorSpec;
import dev.holdfast.launcher.DemoMoment.Server;
import dev.holdfast.local.LocalServerSpec;
import dev.holdfast.local.LocalTaskServer;
import dev.holdfast.outage.OutageSpec;
import dev.holdfast.store.InMemoryJournal;
import dev.holdfast.store.InMemoryTaskStore;
import dev.holdfast.store.OutboxEntry;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.worker.Worker;
import dev.holdfast.worker.WorkerSpec;
import dev.holdfast.worker.WorkerStats;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * The demo's server and its worker, and what happens to them, in order. They are in one process and
 * yet talk over the wire, as they would from two machines; so does the one who submits and counts.
 */
final class DemoStory {

  private static final String TASK = "demo";
  private static final int PARALLEL = 8;
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration CLEANUP = Duration.ofSeconds(2);

  /**
   * Well above the outage and the worker's longest delay after it, so that no result that waits
   * comes too late. If the answer to a poll was cut, its tasks come again after it.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final DemoPlan plan;
  private final Ledger ledger;
  private final Consumer<String> say;
  private final LocalServerSpec spec;
  private final InMemoryTaskStore store = new InMemoryTaskStore();
  private final AtomicInteger numbers = new AtomicInteger();
  private final HttpCalls http;
  private final ConductorApi api;
  private final TaskClient client;
  private final Worker worker;

  private volatile LocalTaskServer server;
  private volatile Server seen = Server.UP;
  private volatile Set<String> late = Set.of();

  private DemoStory(
      DemoPlan plan,
      Ledger ledger,
      Consumer<String> say,
      LocalServerSpec spec,
      LocalTaskServer server) {
    this.plan = plan;
    this.ledger = ledger;
    this.say = say;
    this.spec = spec.port(server.port());
    this.server = server;
    Connection connection =
        new Connection(
            ConductorSpec.of(server.url()).region("demo"), server.url(), null, null, null, null);
    this.http = new HttpCalls(connection, 2 * PARALLEL);
    this.api = new ConductorApi(http, null);
    this.client = connection.client();
    this.worker =
        Worker.create(
            client,
            store,
            WorkerSpec.of(TASK, handler(plan))
                .slots(plan.slots())
                .drainTimeout(CLEANUP)
                .outage(outage(plan)));
  }

  /** At a pace for people to watch: nobody else waits for this server, so no herd is to be kept. */
  private static OutageSpec outage(DemoPlan plan) {
    return OutageSpec.create()
        .giveUpAfter(plan.limit())
        .backoff(Duration.ofSeconds(1), Duration.ofSeconds(2))
        .ramp(Duration.ofSeconds(2))
        .logInterval(Duration.ofSeconds(2));
  }

  /** Starts the server, on a free port of loopback, and makes the rest. */
  static Mono<DemoStory> begin(DemoPlan plan, Ledger ledger, Consumer<String> say) {
    LocalServerSpec spec = LocalServerSpec.create().port(0).journal(new InMemoryJournal());
    return LocalTaskServer.start(spec)
        .doOnNext(server -> say.accept("a task server listens at " + server.url()))
        .map(server -> new DemoStory(plan, ledger, say, spec, server));
  }

  /** All of it, to the count at the end. Cancelling it cancels the worker. */
  Mono<Ledger.Tally> tell() {
    return Mono.firstWithSignal(
        Mono.zip(worker.run().thenReturn(true), plot(), (ended, tally) -> tally), watch());
  }

  /** Asks the server how far it is, all the time; it never ends by itself. */
  private Mono<Ledger.Tally> watch() {
    return Mono.defer(() -> seen == Server.AWAY ? Mono.empty() : ledger.look(api))
        .repeatWhen(looks -> looks.concatMap(n -> Mono.delay(LOOK)))
        .then(Mono.never());
  }

  private Mono<Ledger.Tally> plot() {
    return register()
        .then(submit(plan.first(), "submitted; a worker with " + plan.slots() + " slots runs them"))
        .then(until(Mono.fromSupplier(() -> ledger.completed() >= plan.third())))
        .then(Mono.defer(this::takeAway))
        .then(Mono.when(Mono.delay(plan.away()), Mono.defer(this::runDry)))
        .then(Mono.defer(this::bringBack))
        .then(until(Mono.defer(this::isDelivered)))
        .then(Mono.fromRunnable(this::recovered))
        .then(submit(plan.more(), "submitted on top: all is as before"))
        .then(until(Mono.fromSupplier(ledger::allEnded)))
        .then(Mono.zip(worker.stop().thenReturn(true), count(), (ended, tally) -> tally));
  }

  /** Asks the server for every workflow, and adds up. */
  Mono<Ledger.Tally> count() {
    return ledger.count(api);
  }

  DemoMoment moment(Duration elapsed) {
    WorkerStats stats = worker.stats();
    return new DemoMoment(
        elapsed, ledger.completed(), plan.total(), stats.running(), stats.outbox(), seen);
  }

  /** The workflows whose results waited when the server came back. */
  Set<String> late() {
    return late;
  }

  /** Waits for the worker, which has nothing to do any more, and closes every connection. */
  Mono<Void> close() {
    return worker
        .stop()
        .timeout(CLEANUP)
        .onErrorComplete()
        .then(
            Mono.when(
                server.stop().timeout(CLEANUP).onErrorComplete(),
                client.close().timeout(CLEANUP).onErrorComplete(),
                http.close().timeout(CLEANUP).onErrorComplete()));
  }

  private Mono<Void> register() {
    OneTaskWorkflow definitions = new OneTaskWorkflow(TASK);
    return api.createTask(definitions.task(PATIENCE))
        .then(api.putWorkflows(definitions.workflow(Set.of("n"))));
  }

  private Mono<Void> submit(int count, String said) {
    return Flux.range(0, count)
        .flatMapDelayError(
            i -> api.start(TASK, Map.of("n", numbers.getAndIncrement())).doOnNext(ledger::add),
            PARALLEL,
            1)
        .onErrorMap(e -> Exceptions.unwrapMultiple(e).get(0))
        .then(Mono.fromRunnable(() -> say.accept(DemoMoment.counted(count, "task") + " " + said)));
  }

  private Mono<Void> takeAway() {
    say.accept("the server goes away: its port is closed, every connection is cut");
    seen = Server.AWAY;
    return server.stop();
  }

  private Mono<Void> runDry() {
    return until(Mono.fromSupplier(() -> worker.stats().running() == 0))
        .then(
            Mono.fromRunnable(
                () ->
                    say.accept(
                        "the worker has finished what it had; waiting for the server: "
                            + DemoMoment.counted(worker.stats().outbox(), "result"))));
  }

  /** The port is one that the system hands out, so somebody may have it for a moment. */
  private Mono<Void> bringBack() {
    return waiting()
        .collectList()
        .doOnNext(ids -> late = Set.copyOf(ids))
        .then(
            LocalTaskServer.start(spec)
                .retryWhen(
                    Retry.fixedDelay(20, LOOK)
                        .onRetryExhaustedThrow((spec, signal) -> signal.failure())))
        .doOnNext(
            again -> {
              server = again;
              seen = Server.BACK;
              say.accept("the server is back, on the same port, rebuilt from its journal");
            })
        .then();
  }

  private Mono<Boolean> isDelivered() {
    return waiting().any(late::contains).map(some -> !some);
  }

  private void recovered() {
    seen = Server.UP;
    if (!late.isEmpty()) {
      say.accept("delivered: the " + DemoMoment.counted(late.size(), "result") + " that waited");
    }
  }

  private Flux<String> waiting() {
    return store.outbox().waiting().map(OutboxEntry::update).map(update -> update.workflowId());
  }

  private static Mono<Void> until(Mono<Boolean> reached) {
    return reached
        .repeatWhen(looks -> looks.concatMap(n -> Mono.delay(LOOK)))
        .takeUntil(so -> so)
        .then();
  }

  private static TaskHandler handler(DemoPlan plan) {
    return TaskHandler.typed(
        Work.class,
        (work, context) ->
            Mono.delay(plan.workOf(work.n()))
                .map(
                    x ->
                        DemoPlan.failsAtFirst(work.n()) && context.task().retryCount() == 0
                            ? Outcome.failed("the first try fails, on purpose")
                            : Outcome.completed(work)));
  }

  /**
   * What a task is given.
   *
   * @param n its number
   */
  record Work(int n) {}
}
