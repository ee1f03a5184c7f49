package dev.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.InMemoryJournal;
import dev.holdfast.store.Journal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

/** An engine on virtual time, without HTTP: calls are answered at once or when time is moved. */
final class Rig {

  static final String TYPE = "greet";
  static final QueueKey QUEUE = new QueueKey(TYPE, null);

  final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  final AtomicLong wallShift = new AtomicLong();
  final AtomicLong ids = new AtomicLong();
  final Journal journal;
  final LocalServerSpec.Bounds bounds;
  Engine engine;

  Rig() {
    this(new InMemoryJournal(), LocalServerSpec.create());
  }

  Rig(Journal journal, LocalServerSpec spec) {
    this.journal = journal;
    this.bounds = spec.parts().bounds();
    this.engine = newEngine();
    // The epoch is not the beginning of time.
    time.advanceTimeBy(Duration.ofDays(20_000));
    answer(engine.open());
  }

  Engine newEngine() {
    return new Engine(bounds, journal, new ShiftedClock(), () -> "id-" + ids.incrementAndGet());
  }

  /** Ends the engine, with what it has under way, and rebuilds another from the journal. */
  void restart() {
    answer(engine.close());
    engine = newEngine();
    answer(engine.open());
  }

  void pass(Duration by) {
    time.advanceTimeBy(by);
  }

  <T> @Nullable T answer(Mono<T> call) {
    Answered<T> answered = start(call);
    assertThat(answered.isDone()).as("answered at once").isTrue();
    return answered.value();
  }

  <T> T call(Function<Rules, T> step) {
    return Objects.requireNonNull(answer(engine.call(step)));
  }

  <T> Answered<T> start(Mono<T> call) {
    return new Answered<>(call);
  }

  void define(String members) {
    call(
        rules -> {
          rules.define(
              List.of(
                  TaskDefinition.parse(
                      ("{'name':'" + TYPE + "','ownerEmail':'a'," + members + "}")
                          .replace('\'', '"'))));
          return true;
        });
  }

  String begin() {
    return begin(Map.of(), 0, null);
  }

  String begin(Map<String, String> domains, int priority, @Nullable String key) {
    WorkflowDefinition flow =
        WorkflowDefinition.parse(
            ("{'name':'flow','ownerEmail':'a','tasks':[{'name':'"
                    + TYPE
                    + "','taskReferenceName':'ref','inputParameters':{'x':'${workflow.input.x}'}}]}")
                .replace('\'', '"'));
    return call(
        rules ->
            rules.start(
                new StartRequest(
                    "flow",
                    1,
                    flow,
                    "{\"x\":1}",
                    null,
                    priority,
                    domains,
                    key,
                    StartRequest.OnConflict.FAIL)));
  }

  String begin(WorkflowDefinition flow, String input) {
    return call(
        rules ->
            rules.start(
                new StartRequest(
                    flow.name(),
                    1,
                    flow,
                    input,
                    null,
                    0,
                    Map.of(),
                    null,
                    StartRequest.OnConflict.FAIL)));
  }

  /** Leases one task. */
  LocalTask lease() {
    List<TaskView> leased = poll(QUEUE, 1);
    assertThat(leased).hasSize(1);
    return leased.get(0).task();
  }

  List<TaskView> poll(QueueKey queue, int count) {
    return Objects.requireNonNull(answer(engine.poll(queue, "w1", count, Duration.ZERO)));
  }

  void update(LocalTask task, TaskResult.Status status) {
    update(task, status, 0, false);
  }

  void update(LocalTask task, TaskResult.Status status, int callbackAfter, boolean extendLease) {
    call(
        rules ->
            rules.update(
                new TaskResult(
                    task.scheduled().workflowId(),
                    task.id(),
                    status,
                    "{\"o\":1}",
                    null,
                    callbackAfter,
                    "w1",
                    List.of(),
                    extendLease)));
  }

  LocalTask task(String id) {
    return call(rules -> rules.task(id)).task();
  }

  WorkflowView workflow(String id) {
    return call(rules -> rules.workflow(id));
  }

  /** What came of a call. */
  static final class Answered<T> {
    private final AtomicReference<@Nullable T> value = new AtomicReference<>();
    private final AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
    private final AtomicReference<Boolean> done = new AtomicReference<>(false);
    private final Disposable subscription;

    Answered(Mono<T> call) {
      subscription =
          call.subscribe(
              value::set,
              e -> {
                error.set(e);
                done.set(true);
              },
              () -> done.set(true));
    }

    boolean isDone() {
      return Boolean.TRUE.equals(done.get());
    }

    @Nullable T value() {
      Throwable failed = error.get();
      if (failed instanceof RuntimeException e) {
        throw e;
      }
      return value.get();
    }

    @Nullable Throwable error() {
      return error.get();
    }

    void cancel() {
      subscription.dispose();
    }
  }

  /** The virtual clock, whose time of day somebody may set. */
  private final class ShiftedClock implements Scheduler {
    @Override
    public Disposable schedule(Runnable task) {
      return time.schedule(task);
    }

    @Override
    public Worker createWorker() {
      return time.createWorker();
    }

    @Override
    public long now(TimeUnit unit) {
      long now = time.now(unit);
      return unit == TimeUnit.MILLISECONDS ? now + wallShift.get() : now;
    }
  }
}
