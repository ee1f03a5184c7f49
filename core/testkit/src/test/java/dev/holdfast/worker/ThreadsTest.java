package dev.holdfast.worker;

import static dev.holdfast.worker.WorkerRig.echo;
import static dev.holdfast.worker.WorkerRig.input;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.TaskStatus;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.testkit.FakeTaskServer;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.testkit.TaskTypeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.MDC;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What handlers do to threads and threads to handlers, in real time on the worker's own threads.
 */
@Timeout(60)
class ThreadsTest {

  @RegisterExtension final LeakGuard leaks = new LeakGuard();

  private final Scheduler network = Schedulers.newSingle("network", true);
  private final FakeTaskServer server = FakeTaskServer.on(network);
  private Worker worker = Worker.create(server.client(), WorkerSpec.of("none", echo()));
  private Disposable running = () -> {};
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private void start(WorkerSpec spec) {
    worker = Worker.create(server.client(), spec.drainTimeout(Duration.ofSeconds(3)));
    running = worker.run().subscribe(v -> {}, failure::set);
  }

  @AfterEach
  void end() {
    worker.stop().block(Duration.ofSeconds(20));
    running.dispose();
    await(() -> liveThreads().isEmpty(), "the worker's threads end with it: " + liveThreads());
    network.dispose();
  }

  private static List<String> liveThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("holdfast-"))
        .toList();
  }

  private static void await(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private boolean isCompleted(String task) {
    return server.state(task).status() == TaskStatus.COMPLETED;
  }

  @Test
  void handlersThatFreezeAllTheirThreadsFreezeNeitherPollsNorUpdates() {
    AtomicBoolean thaw = new AtomicBoolean();
    int frozen = Runtime.getRuntime().availableProcessors();
    AtomicInteger freezing = new AtomicInteger();
    TaskHandler freeze =
        context -> {
          freezing.incrementAndGet();
          long turns = 0; // BlockHound would stop anything that parks, or that says it spins
          while (!thaw.get()) {
            turns++;
          }
          return Mono.just(Map.of("turns", turns));
        };
    start(
        WorkerSpec.of(TaskSpec.of("freeze", freeze).slots(frozen), TaskSpec.of("greet", echo()))
            .slots(frozen + 5));
    List<String> stuck = server.submitMany("freeze", frozen);
    await(() -> freezing.get() == frozen, "all handler threads are frozen");
    List<String> tasks = server.submitMany("greet", 50);

    await(() -> tasks.stream().allMatch(this::isCompleted), "others are polled and updated");
    assertThat(stuck).noneMatch(this::isCompleted);
    thaw.set(true);
    await(() -> stuck.stream().allMatch(this::isCompleted), "the frozen ones end as well");
  }

  @Test
  void handlersThatBlockRunAtOnceOnThreadsOfTheirOwnUpToTheirSlots() {
    CountDownLatch together = new CountDownLatch(6);
    Set<String> threads = ConcurrentHashMap.newKeySet();
    start(
        WorkerSpec.of(
                "block",
                TaskHandler.blocking(
                    context -> {
                      threads.add(Thread.currentThread().getName());
                      together.countDown();
                      assertThat(together.await(10, TimeUnit.SECONDS)).isTrue();
                      return Map.of("ok", true);
                    }))
            .slots(6));
    List<String> tasks = server.submitMany("block", 6);

    await(() -> tasks.stream().allMatch(this::isCompleted), "six block at once");
    if (Runtime.version().feature() < 21) {
      assertThat(threads).hasSize(6).allMatch(name -> name.startsWith("holdfast-blocking-"));
    }
  }

  @Test
  void aHandlerThatBlocksIsInterruptedAtItsDeadline() {
    AtomicBoolean interrupted = new AtomicBoolean();
    server.define("block", TaskTypeSpec.defaults().withRetries(0));
    start(
        WorkerSpec.of(
            TaskSpec.of(
                    "block",
                    TaskHandler.blocking(
                        context -> {
                          try {
                            new CountDownLatch(1).await();
                          } catch (InterruptedException e) {
                            interrupted.set(true);
                            throw e;
                          }
                          return null;
                        }))
                .timeout(Duration.ofMillis(200))));
    String task = server.submit("block", input(1));

    await(interrupted::get, "the handler is interrupted");
    await(() -> server.state(task).status() == TaskStatus.FAILED, "the task fails");
    assertThat(server.reason(task)).startsWith("timed out after");
    assertThat(server.updates(task)).hasSize(1);
  }

  @Test
  void handlersThatIgnoreTheirInterruptLoseTheirSlotAndNotTheWorker() {
    AtomicBoolean thaw = new AtomicBoolean();
    server.define("block", TaskTypeSpec.defaults().withRetries(0));
    start(
        WorkerSpec.of(
                TaskSpec.of("block", deaf(new AtomicBoolean(), thaw))
                    .timeout(Duration.ofMillis(100)),
                TaskSpec.of("greet", echo()))
            .slots(2));
    List<String> stuck = server.submitMany("block", 6);
    await(
        () -> stuck.stream().allMatch(task -> server.state(task).status() == TaskStatus.FAILED),
        "each fails at its deadline or for want of a thread");
    String task = server.submit("greet", input(1));

    await(() -> isCompleted(task), "others are run");
    thaw.set(true);
  }

  /** A handler that blocks and ignores its interrupt. */
  private static TaskHandler deaf(AtomicBoolean entered, AtomicBoolean thaw) {
    return TaskHandler.blocking(
        context -> {
          entered.set(true);
          while (!thaw.get()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
          }
          return null;
        });
  }

  @Test
  void aTaskIsHandedBackOnlyOnceItsHandlerHasReallyEnded() {
    AtomicBoolean thaw = new AtomicBoolean();
    AtomicBoolean entered = new AtomicBoolean();
    start(WorkerSpec.of("block", deaf(entered, thaw)));
    String task = server.submit("block", input(1));
    await(entered::get, "the handler runs");
    worker.stop().subscribe();
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2_600));
    assertThat(server.updates(task)).as("cancelled, yet its code runs on").isEmpty();
    thaw.set(true);

    await(() -> server.queued("block") == 1, "it is handed back");
    worker.stop().block(Duration.ofSeconds(10));
    assertThat(worker.stats().abandoned()).isZero();
    assertThat(worker.stats().released()).isEqualTo(1);
  }

  @Test
  void aHandlerThatOutlivesTheDrainIsAbandonedAndItsTaskNotHandedBack() {
    AtomicBoolean thaw = new AtomicBoolean();
    AtomicBoolean entered = new AtomicBoolean();
    start(WorkerSpec.of("block", deaf(entered, thaw)));
    String task = server.submit("block", input(1));
    await(entered::get, "the handler runs");
    worker.stop().block(Duration.ofSeconds(10));

    assertThat(worker.stats().abandoned()).isEqualTo(1);
    assertThat(server.updates(task)).isEmpty();
    thaw.set(true);
  }

  @Test
  void aFatalErrorOnAnotherThreadOfReactorsBecomesAnOutcomeToo() {
    server.define("odd", TaskTypeSpec.defaults().withRetries(0));
    start(
        WorkerSpec.of(
                "odd",
                context ->
                    Mono.delay(Duration.ofMillis(20))
                        .publishOn(Schedulers.boundedElastic())
                        .map(
                            zero -> {
                              throw new NoClassDefFoundError("com/acme/Gone");
                            }))
            .slots(1));
    String first = server.submit("odd", input(1));
    String second = server.submit("odd", input(2));

    await(() -> server.state(second).status() == TaskStatus.FAILED, "both fail, the slot is free");
    assertThat(server.reason(first)).isEqualTo("NoClassDefFoundError: com/acme/Gone");
  }

  @Test
  void theIdsAreInTheMdcOnEachOfReactorsThreadsAndNowhereElse() {
    Map<String, String> seen = new ConcurrentHashMap<>();
    start(
        WorkerSpec.of(
            "greet",
            context -> {
              seen.put("at the start", String.valueOf(MDC.get("holdfast.taskId")));
              return Mono.delay(Duration.ofMillis(10))
                  .doOnNext(n -> seen.put("later", String.valueOf(MDC.get("holdfast.taskId"))))
                  .then(Mono.empty());
            }));
    String task = server.submit("greet", input(1));
    await(() -> isCompleted(task), "it completes");
    AtomicReference<String> elsewhere = new AtomicReference<>("unset");
    Schedulers.parallel().schedule(() -> elsewhere.set(MDC.get("holdfast.taskId")));
    await(() -> !"unset".equals(elsewhere.get()), "another task ran");

    assertThat(seen).isEqualTo(Map.of("at the start", task, "later", task));
    assertThat(elsewhere.get()).isNull();
  }

  @Test
  void aHandlersBlockCallOnANonBlockingThreadFailsTheTaskWithAClearReason() {
    server.define("odd", TaskTypeSpec.defaults().withRetries(0));
    start(WorkerSpec.of("odd", context -> Mono.just(Mono.delay(Duration.ofDays(1)).block())));
    String task = server.submit("odd", input(1));

    await(() -> server.state(task).status() == TaskStatus.FAILED, "it fails");
    assertThat(server.reason(task)).contains("block()/blockFirst()/blockLast() are blocking");
  }

  @Test
  void aSlowAndAThrowingObserverCostOnlyTheirOwnEvents() {
    AtomicBoolean thaw = new AtomicBoolean();
    AtomicInteger seen = new AtomicInteger();
    start(WorkerSpec.of("greet", echo()).slots(50));
    Disposable slow =
        worker
            .events()
            .subscribe(
                e -> {
                  while (!thaw.get()) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                  }
                });
    Disposable throwing =
        worker
            .events()
            .subscribe(
                e -> {
                  throw new IllegalStateException("observer");
                },
                e -> {});
    Disposable good = worker.events().subscribe(e -> seen.incrementAndGet());

    // In lots that fit an observer's buffer: one that merely keeps up with each loses nothing.
    for (int lot = 1; lot <= 10; lot++) {
      int least = lot * 600;
      List<String> tasks = server.submitMany("greet", 200);
      await(() -> tasks.stream().allMatch(this::isCompleted), "the worker goes on");
      await(() -> seen.get() >= least, "the good observer sees all");
    }
    assertThat(worker.stats().droppedEvents()).isBetween(1_000L, 8_000L);
    thaw.set(true);
    slow.dispose();
    throwing.dispose();
    good.dispose();
  }

  @Test
  void twoWorkersOfOneProcessDoNotMix() {
    start(WorkerSpec.of("greet", echo()));
    FakeTaskServer otherServer = FakeTaskServer.on(network);
    Worker other = Worker.create(otherServer.client(), WorkerSpec.of("greet", echo()));
    Disposable otherRun = other.run().subscribe();
    String mine = server.submit("greet", input(1));
    String its = otherServer.submit("greet", input(1));
    await(
        () -> isCompleted(mine) && otherServer.state(its).status() == TaskStatus.COMPLETED,
        "both complete");
    other.stop().block(Duration.ofSeconds(10));
    otherRun.dispose();
    String more = server.submit("greet", input(2));

    await(() -> isCompleted(more), "one goes on when the other has ended");
    assertThat(other.stats().completed()).isEqualTo(1);
  }
}
