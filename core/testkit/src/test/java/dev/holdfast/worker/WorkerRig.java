package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.InMemoryTaskStore;
import dev.holdfast.store.TaskStore;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.testkit.CallRecord;
import dev.holdfast.testkit.FakeTaskServer;
import dev.holdfast.testkit.UpdateRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A worker and its server on virtual time. */
final class WorkerRig {

  final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  final FakeTaskServer server = FakeTaskServer.on(time);
  TaskStore store = new InMemoryTaskStore();
  private Worker worker = Worker.create(server.client(), store, WorkerSpec.of("none", echo()));
  private Disposable running = () -> {};
  private final List<String> endings = new ArrayList<>();
  private final List<Throwable> errors = new ArrayList<>();

  /** Starts a worker of this spec. */
  Worker start(WorkerSpec spec) {
    worker = Worker.create(server.client(), store, spec.scheduler(() -> time).workerId("w"));
    running = worker.run().subscribe(v -> {}, this::failed, () -> endings.add("completed"));
    return worker;
  }

  private void failed(Throwable error) {
    endings.add("error " + error);
    errors.add(error);
  }

  Worker start(String type, int slots, TaskHandler handler) {
    return start(WorkerSpec.of(type, server.observe(handler)).slots(slots));
  }

  /** Starts a worker whose updates bring no task, so that each kind of call can fail alone. */
  Worker startSendingAlone(String type, int slots, TaskHandler handler) {
    return start(WorkerSpec.of(type, server.observe(handler)).slots(slots).takesNext(false));
  }

  void cancel() {
    running.dispose();
  }

  void advance(Duration duration) {
    time.advanceTimeBy(duration);
  }

  void advanceMillis(long millis) {
    time.advanceTimeBy(Duration.ofMillis(millis));
  }

  long nowMillis() {
    return time.now(TimeUnit.MILLISECONDS);
  }

  List<String> endings() {
    return endings;
  }

  /** What runs ended with that did not complete. */
  List<Throwable> errors() {
    return errors;
  }

  /**
   * Lets time go on in small steps until something holds.
   *
   * @return when it did, to 10 ms
   */
  long advanceUntil(Duration atMost, BooleanSupplier holds) {
    for (long left = atMost.toMillis(); left > 0 && !holds.getAsBoolean(); left -= 10) {
      advanceMillis(10);
    }
    assertThat(holds.getAsBoolean()).as("holds within " + atMost).isTrue();
    return nowMillis();
  }

  /** Drains the worker and checks everything that must hold of any run. */
  WorkerStats finish() {
    worker.stop().subscribe();
    advance(Duration.ofSeconds(60));
    assertThat(endings).containsExactly("completed");
    return verified();
  }

  WorkerStats verified() {
    server.verify();
    WorkerStats stats = worker.stats();
    assertThat(stats.running()).as("slots taken at the end").isZero();
    assertThat(stats.polling()).as("polls in flight at the end").isZero();
    return stats;
  }

  List<UpdateRecord> applied(String taskId) {
    return server.updates(taskId).stream()
        .filter(update -> update.effect() == UpdateRecord.Effect.APPLIED)
        .toList();
  }

  List<CallRecord> polls(String type) {
    return server.polls().stream().filter(poll -> type.equals(poll.taskType())).toList();
  }

  /** The longest time between two polls of a type, from one's begin to the next one's. */
  long longestGapMillis(String type) {
    long longest = 0;
    List<CallRecord> polls = polls(type);
    for (int i = 1; i < polls.size(); i++) {
      longest = Math.max(longest, polls.get(i).beginMillis() - polls.get(i - 1).beginMillis());
    }
    return longest;
  }

  static TaskHandler echo() {
    return TaskHandler.inline(TaskHandler.of(context -> Mono.just(context.input())));
  }

  TaskHandler takes(Duration duration) {
    return TaskHandler.of(context -> Mono.just(context.input()).delayElement(duration, time));
  }

  /** Takes 20 to 110 ms, by the number in its input. */
  TaskHandler takesUnevenly() {
    return TaskHandler.of(
        context -> {
          int n = ((Number) context.input().asMap().get("n")).intValue();
          return Mono.just(context.input()).delayElement(Duration.ofMillis(20 + n * 37 % 91), time);
        });
  }

  static Map<String, Object> input(Object value) {
    return Map.of("n", value);
  }
}
