package dev.holdfast.conductor.real;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.conductor.ConductorTaskClient;
import dev.holdfast.outage.OutageSpec;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.worker.Worker;
import dev.holdfast.worker.WorkerSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;

/** A real server that is killed, and workers that are stopped, in the middle of the work. */
@Tag("conductor")
@Timeout(180)
class ServerKilledTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final LeakGuard leaks = new LeakGuard();

  private final ConductorServer server = ConductorServer.shared();
  private final ConductorApi api = server.api();
  private final String type = "killed-" + UUID.randomUUID().toString().substring(0, 8);
  private final Map<String, AtomicInteger> runningByStep = new ConcurrentHashMap<>();
  private final AtomicInteger together = new AtomicInteger();
  private final List<Worker> workers = new ArrayList<>();
  private final List<ConductorTaskClient> clients = new ArrayList<>();

  @AfterEach
  void end() {
    workers.forEach(worker -> worker.stop().block(LIMIT));
    clients.forEach(client -> client.close().block(LIMIT));
  }

  /**
   * What a poll's lost answer hid comes back by the lease, so that is short, and there is a try.
   */
  @Test
  void aServerThatIsKilledForTwentySecondsLosesNothing() {
    api.define(TaskDefinition.of(type).retries(3).responseTimeout(Duration.ofSeconds(30)));
    List<String> ids = submit(200);
    Worker worker = start("w", 10, work -> Duration.ofMillis(150));
    await("work was done", () -> worker.stats().delivered() >= 40);
    long killed = System.nanoTime();
    server.kill();
    await("twenty seconds", () -> System.nanoTime() - killed > TimeUnit.SECONDS.toNanos(20));
    assertThat(worker.stats().running()).as("what ran has ended, and waits").isZero();
    server.restart();
    long back = System.nanoTime();
    long before = worker.stats().delivered();
    await("results arrive again", () -> worker.stats().delivered() > before);
    long first = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back);
    verify(ids, worker);
    System.out.printf("killed for 20 s: first result %d ms after, %s%n", first, worker.stats());
  }

  @Test
  void aStopWithFiftyTasksRunningLeavesNothingToATimeout() {
    api.define(
        TaskDefinition.of(type)
            .responseTimeout(Duration.ofMinutes(10))
            .timeout(Duration.ofMinutes(20)));
    List<String> ids = submit(50);
    // A third of them takes longer than the drain lets it.
    Worker first = start("first", 50, work -> Duration.ofSeconds(work.n() % 3 == 0 ? 100 : 3));
    await("all run", () -> first.stats().running() == 50);
    first.stop().block(LIMIT);
    assertThat(first.stats().outbox()).isZero();
    assertThat(first.stats().abandoned()).isZero();
    assertThat(first.stats().completed() + first.stats().released()).isEqualTo(50);
    assertThat(first.stats().released()).as("handed back").isPositive();
    Worker second = start("second", 50, work -> Duration.ZERO);
    verify(ids, second);
    assertThat(second.stats().started()).isEqualTo(first.stats().released());
    System.out.printf("stopped with 50 running: %s, then %s%n", first.stats(), second.stats());
  }

  private List<String> submit(int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(api.startTask(type, null, Map.of("n", i)));
    }
    return ids;
  }

  private Worker start(String id, int slots, Function<Work, Duration> time) {
    ConductorTaskClient client = ConductorTaskClient.create(server.baseUrl().toString());
    clients.add(client);
    TaskHandler handler =
        TaskHandler.typed(
            Work.class,
            (work, context) -> {
              AtomicInteger now =
                  runningByStep.computeIfAbsent(
                      context.idempotencyKey(), key -> new AtomicInteger());
              if (now.incrementAndGet() > 1) {
                together.incrementAndGet();
              }
              return Mono.delay(time.apply(work))
                  .thenReturn(Map.of("n", work.n()))
                  .doFinally(end -> now.decrementAndGet());
            });
    Worker worker =
        Worker.create(
            client,
            WorkerSpec.of(type, handler)
                .slots(slots)
                .workerId(id + "-" + type)
                .drainTimeout(Duration.ofSeconds(10))
                .outage(OutageSpec.create().giveUpAfter(Duration.ofMinutes(2))));
    AtomicInteger failed = new AtomicInteger();
    worker.run().subscribe(nothing -> {}, e -> failed.incrementAndGet());
    leaks.watch("slots of " + id, () -> worker.stats().running());
    leaks.watch("failed runs of " + id, failed::get);
    leaks.watch("connections of " + id, client::openConnections);
    workers.add(worker);
    return worker;
  }

  private void verify(List<String> ids, Worker worker) {
    for (String id : ids) {
      WorkflowRun run = api.awaitEnd(id, LIMIT);
      assertThat(run.status()).as("%s", run).isEqualTo("COMPLETED");
    }
    await("the last answer", () -> worker.stats().outbox() == 0);
    assertThat(together).as("steps that ran twice at once").hasValue(0);
    assertThat(worker.stats().rejected()).isZero();
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("%s within %s", what, LIMIT).isNegative();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  /**
   * What a task is given.
   *
   * @param n its number
   */
  record Work(int n) {}
}
