package dev.holdfast.conductor.real;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.conductor.ConductorTaskClient;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.TaskContext;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.worker.TaskSpec;
import dev.holdfast.worker.Worker;
import dev.holdfast.worker.WorkerSpec;
import dev.holdfast.worker.WorkerStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * 500 workflows over four task types on a real server, with a worker that is stopped gracefully and
 * started again under another name three times meanwhile: all end as they should, no task is lost,
 * and no step runs twice at once.
 */
@Tag("conductor")
@Timeout(480)
class WorkloadTest {

  private static final int WORKFLOWS = 500;
  private static final int RESTARTS = 3;
  private static final int LARGE = 200_000;

  @RegisterExtension final LeakGuard leaks = new LeakGuard();

  private final ConductorServer server = ConductorServer.shared();
  private final ConductorApi api = server.api();
  private final String run = UUID.randomUUID().toString().substring(0, 8);
  private final String greet = "greet-" + run;
  private final String flaky = "flaky-" + run;
  private final String doomed = "doomed-" + run;
  private final String slow = "slow-" + run;

  private final Map<String, AtomicInteger> runningByStep = new ConcurrentHashMap<>();
  private final AtomicInteger together = new AtomicInteger();

  @Test
  void fiveHundredWorkflowsEndAsTheyShouldThroughThreeRestarts() {
    api.define(
        TaskDefinition.of(greet),
        TaskDefinition.of(flaky).retries(2),
        TaskDefinition.of(doomed).retries(2),
        TaskDefinition.of(slow));
    api.defineWorkflow("good-" + run, greet, slow);
    api.defineWorkflow("flaky-" + run, flaky, greet);
    api.defineWorkflow("doomed-" + run, greet, doomed);
    api.defineWorkflow("large-" + run, greet);

    ConductorTaskClient client = ConductorTaskClient.create(server.baseUrl().toString());
    leaks.watch("connections", client::openConnections);
    List<WorkerStats> all = new ArrayList<>();
    Worker worker = start(client, 0);
    try {
      CompletableFuture<List<String>> submitted = submit();
      for (int restart = 1; restart <= RESTARTS; restart++) {
        awaitCompleted(worker, 80);
        worker.stop().block(Duration.ofSeconds(40));
        all.add(worker.stats());
        worker = start(client, restart);
      }
      List<WorkflowRun> ended = new ArrayList<>();
      for (String id : submitted.join()) {
        ended.add(api.awaitEnd(id, Duration.ofMinutes(4)));
      }
      worker.stop().block(Duration.ofSeconds(40));
      all.add(worker.stats());
      verify(ended, all);
    } finally {
      worker.stop().block(Duration.ofSeconds(40));
      client.close().block(Duration.ofSeconds(20));
    }
  }

  private Worker start(ConductorTaskClient client, int number) {
    Worker worker =
        Worker.create(
            client,
            WorkerSpec.of(
                    TaskSpec.of(greet, observed(TaskHandler.inline(c -> Mono.just(c.input())))),
                    TaskSpec.of(flaky, observed(WorkloadTest::failFirst)),
                    TaskSpec.of(
                        doomed, observed(c -> Mono.just(Outcome.failedForGood("no such address")))),
                    TaskSpec.of(
                            slow,
                            observed(
                                c -> Mono.just(c.input()).delayElement(Duration.ofMillis(300))))
                        .slots(8))
                .slots(20)
                .workerId("worker-" + run + "-" + number));
    AtomicBoolean failed = new AtomicBoolean();
    worker.run().subscribe(v -> {}, e -> failed.set(true));
    leaks.watch("slots", () -> worker.stats().running());
    leaks.watch("failed runs", () -> failed.get() ? 1 : 0);
    return worker;
  }

  private static Mono<?> failFirst(TaskContext context) {
    return context.task().retryCount() == 0
        ? Mono.error(new IllegalStateException("not yet"))
        : Mono.just(Map.of("retry", context.task().retryCount()));
  }

  private TaskHandler observed(TaskHandler handler) {
    TaskHandler watching =
        context -> {
          String step = context.idempotencyKey();
          int now =
              runningByStep.computeIfAbsent(step, key -> new AtomicInteger()).incrementAndGet();
          if (now > 1) {
            together.incrementAndGet();
          }
          return Mono.defer(() -> handlerOf(handler, context))
              .doFinally(end -> runningByStep.get(step).decrementAndGet());
        };
    return handler.mode() == TaskHandler.Mode.INLINE ? TaskHandler.inline(watching) : watching;
  }

  private static Mono<?> handlerOf(TaskHandler handler, TaskContext context) {
    try {
      return handler.handle(context);
    } catch (Exception e) {
      return Mono.error(e);
    }
  }

  private CompletableFuture<List<String>> submit() {
    String large = "x".repeat(LARGE);
    return Flux.range(0, WORKFLOWS)
        .flatMapSequential(
            i ->
                Mono.fromCallable(
                        () ->
                            switch (i % 5) {
                              case 0, 1 -> api.startWorkflow("good-" + run, Map.of("n", i));
                              case 2 -> api.startWorkflow("flaky-" + run, Map.of("n", i));
                              case 3 -> api.startWorkflow("doomed-" + run, Map.of("n", i));
                              default -> api.startWorkflow("large-" + run, Map.of("text", large));
                            })
                    .subscribeOn(Schedulers.boundedElastic()),
            4)
        .collectList()
        .timeout(Duration.ofMinutes(4))
        .toFuture();
  }

  private static void awaitCompleted(Worker worker, int count) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (worker.stats().completed() < count) {
      assertThat(System.nanoTime())
          .as("%d tasks completed, of %s", count, worker.stats())
          .isLessThan(end);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private void verify(List<WorkflowRun> ended, List<WorkerStats> all) {
    Map<String, Integer> outcomes = new HashMap<>();
    for (int i = 0; i < ended.size(); i++) {
      WorkflowRun workflow = ended.get(i);
      String expected = i % 5 == 3 ? "FAILED" : "COMPLETED";
      assertThat(workflow.status()).as("workflow %d: %s", i, workflow).isEqualTo(expected);
      outcomes.merge(workflow.status(), 1, Integer::sum);
      for (TaskRun task : workflow.tasks()) {
        assertThat(task.ended()).as("%s", task.id()).isTrue();
        assertThat(task.status()).as("%s", task.id()).isNotIn("TIMED_OUT", "CANCELED");
      }
      if (i % 5 == 2) {
        assertThat(workflow.tasks())
            .extracting(TaskRun::status)
            .containsExactly("FAILED", "COMPLETED", "COMPLETED");
      }
      if (i % 5 == 4) {
        Map<?, ?> echoed = (Map<?, ?>) workflow.tasks().get(0).output().get("input");
        assertThat((String) echoed.get("text")).hasSize(LARGE);
      }
    }
    assertThat(together).as("steps that ran twice at once").hasValue(0);
    assertThat(all)
        .allSatisfy(
            stats -> {
              assertThat(stats.outbox()).isZero();
              assertThat(stats.rejected()).isZero();
              assertThat(stats.abandoned()).isZero();
              assertThat(stats.late()).isZero();
            });
    System.out.printf(
        "workload: %d workflows %s, %d restarts, workers %s%n",
        ended.size(), outcomes, RESTARTS, all);
  }
}
