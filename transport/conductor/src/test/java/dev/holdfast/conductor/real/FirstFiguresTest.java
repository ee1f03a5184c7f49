package dev.holdfast.conductor.real;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.conductor.ConductorTaskClient;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.worker.TaskSpec;
import dev.holdfast.worker.Worker;
import dev.holdfast.worker.WorkerEvent;
import dev.holdfast.worker.WorkerSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

/** What an idle worker costs a real server, and how soon it begins. Fails below its targets. */
@Tag("figure")
@Timeout(300)
class FirstFiguresTest {

  private static final int TYPES = 50;
  private static final int SAMPLES = 200;

  private final ConductorServer server = ConductorServer.shared();
  private final ConductorApi api = server.api();
  private final String run = UUID.randomUUID().toString().substring(0, 8);
  private final ConductorTaskClient client =
      ConductorTaskClient.create(server.baseUrl().toString());

  @AfterEach
  void close() {
    client.close().block(Duration.ofSeconds(20));
  }

  @Test
  void anIdleWorkerOfFiftyTypesAsksAtMostThirtyTimesASecondOnAtMostTwentyThreads() {
    WorkerSpec spec = null;
    for (int i = 0; i < TYPES; i++) {
      TaskSpec task = TaskSpec.of("idle-" + run + "-" + i, echo());
      spec = spec == null ? WorkerSpec.of(task) : spec.and(task);
    }
    Worker worker = Worker.create(client, spec);
    AtomicLong polls = new AtomicLong();
    var watching =
        worker
            .events()
            .filter(WorkerEvent.PollAnswered.class::isInstance)
            .subscribe(e -> polls.incrementAndGet());
    worker.run().subscribe();
    pause(5_000);
    long before = polls.get();
    long begun = System.nanoTime();
    pause(20_000);
    double rate = (polls.get() - before) * 1e9 / (System.nanoTime() - begun);
    long threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().matches("holdfast-(?!events).*|parallel-.*"))
            .count();
    worker.stop().block(Duration.ofSeconds(30));
    watching.dispose();

    System.out.printf(
        "idle, %d types: %.1f requests/s (target <= 30), %d threads (target <= 20)%n",
        TYPES, rate, threads);
    assertThat(rate).isLessThanOrEqualTo(30);
    assertThat(threads).isLessThanOrEqualTo(20);
  }

  @Test
  void anIdleWorkerBeginsATaskWithinAQuarterOfASecond() {
    String type = "ready-" + run;
    api.define(TaskDefinition.of(type));
    api.defineWorkflow(type, type);
    List<Long> samples = Collections.synchronizedList(new ArrayList<>());
    Worker worker =
        Worker.create(
            client,
            WorkerSpec.of(
                type,
                TaskHandler.inline(
                    context -> {
                      samples.add(System.currentTimeMillis() - context.task().scheduledMillis());
                      return Mono.empty();
                    })));
    worker.run().subscribe();
    for (int i = 0; i < SAMPLES; i++) {
      api.startWorkflow(type, Map.of("n", i));
      pause(100 + ThreadLocalRandom.current().nextInt(150));
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (samples.size() < SAMPLES) {
      assertThat(System.nanoTime()).as("all tasks began").isLessThan(end);
      pause(20);
    }
    worker.stop().block(Duration.ofSeconds(30));

    List<Long> sorted = new ArrayList<>(samples);
    Collections.sort(sorted);
    long median = sorted.get(SAMPLES / 2);
    long p99 = sorted.get(SAMPLES * 99 / 100);
    System.out.printf(
        "ready to handler start, idle worker, %d samples: median %d ms, p99 %d ms (target <= 250),"
            + " max %d ms%n",
        SAMPLES, median, p99, sorted.get(SAMPLES - 1));
    assertThat(p99).isLessThanOrEqualTo(250);
  }

  private static TaskHandler echo() {
    return TaskHandler.inline(context -> Mono.just(context.input()));
  }

  private static void pause(long millis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }
}
