package dev.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.conductor.ConductorSpec;
import dev.holdfast.conductor.ConductorTaskClient;
import dev.holdfast.conductor.real.ConductorApi;
import dev.holdfast.conductor.real.TaskDefinition;
import dev.holdfast.conductor.real.WorkflowRun;
import dev.holdfast.local.MeddlingProxy.Fate;
import dev.holdfast.local.MeddlingProxy.Request;
import dev.holdfast.outage.OutageSignal;
import dev.holdfast.outage.OutageSpec;
import dev.holdfast.store.InMemoryJournal;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.worker.Worker;
import dev.holdfast.worker.WorkerSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * A worker over real sockets, and what can become of a server and of the way to it: nothing is
 * lost, no step runs twice at once, and people read one countdown.
 */
@Timeout(120)
class OutageTest {

  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final String TYPE = "work";

  @RegisterExtension final LeakGuard leaks = new LeakGuard();

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final LocalServerSpec spec = LocalServerSpec.create().journal(new InMemoryJournal());
  private final Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
  private final AtomicInteger together = new AtomicInteger();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<Worker> workers = new ArrayList<>();

  private LocalTaskServer server = Servers.startAt(port(), spec);
  private final ConductorApi api = new ConductorApi(URI.create(server.url()));

  @BeforeEach
  void listen() {
    log.start();
    logger().addAppender(log);
    logger().setLevel(Level.INFO);
  }

  @AfterEach
  void end() throws Exception {
    for (Worker worker : workers) {
      worker.stop().block(LIMIT);
    }
    for (AutoCloseable each : opened) {
      each.close();
    }
    Servers.stop(server);
    logger().detachAppender(log);
    logger().setLevel(null);
  }

  @Test
  void aServerThatGoesAwayTwiceUnderLoadLosesNothing() {
    // A poll whose answer the end cuts off hides its tasks; they come back in time.
    List<String> ids = submit(200, 5);
    Worker worker = start("w", server.url(), sleeping(40));
    for (int outage = 1; outage <= 2; outage++) {
      int done = 50 * outage;
      await("work was done", () -> worker.stats().delivered() >= done);
      Servers.stop(server);
      await("the countdown goes on", () -> lines("Server unreachable — retrying (").size() > 1);
      server = Servers.startAt(server.port(), spec);
      log.list.clear();
      await("it went on", () -> worker.stats().delivered() >= done + 20);
    }
    verify(ids, worker);
    await("the end of the outage", () -> !lines("Server reachable again after ").isEmpty());
  }

  @Test
  void aServerThatAcceptsAndNeverAnswersIsOneThatIsAway() {
    AtomicBoolean hangs = new AtomicBoolean();
    MeddlingProxy proxy = proxy(request -> hangs.get() ? Fate.UNANSWERED : Fate.PASSED);
    List<String> ids = submit(120, 5);
    Worker worker = start("w", proxy.url(), sleeping(40));
    await("work was done", () -> worker.stats().delivered() >= 30);
    hangs.set(true);
    await("the countdown", () -> lines("Server unreachable — retrying (").size() > 1);
    hangs.set(false);
    verify(ids, worker);
    await("the end of the outage", () -> !lines("Server reachable again after ").isEmpty());
  }

  @Test
  void whatACutAnswerHidComesBackAndTheRestRuns() {
    AtomicInteger cuts = new AtomicInteger();
    MeddlingProxy proxy =
        proxy(
            request ->
                request.isPoll() && cuts.getAndIncrement() < 3 ? Fate.ANSWER_CUT : Fate.PASSED);
    List<String> ids = submit(60, 5);
    Worker worker = start("w", proxy.url(), sleeping(40));
    verify(ids, worker);
    assertThat(cuts).hasValueGreaterThan(3);
  }

  @Test
  void aServerThatIsTooBusyIsLeftAloneForAsLongAsItAsks() {
    AtomicBoolean busy = new AtomicBoolean();
    MeddlingProxy proxy = proxy(request -> busy.get() ? Fate.BUSY : Fate.PASSED);
    List<String> ids = submit(120, 0);
    Worker worker = start("w", proxy.url(), sleeping(40));
    await("work was done", () -> worker.stats().delivered() >= 30);
    busy.set(true);
    await("the countdown", () -> !lines("Server overloaded — retrying (").isEmpty());
    List<Request> refused = new ArrayList<>(proxy.requests());
    long first = refused.get(refused.size() - 1).atNanos();
    await("the time it asked for", () -> millisSince(first) > 1_900);
    assertThat(proxy.requests())
        .as("what was under way came, and nothing more until then")
        .noneMatch(call -> call.atNanos() - first > TimeUnit.MILLISECONDS.toNanos(700));
    busy.set(false);
    verify(ids, worker);
    await("the end of the outage", () -> !lines("Server answers again after ").isEmpty());
    assertThat(lines("unreachable")).isEmpty();
  }

  @Test
  void aCompletionWhoseAnswerWasLostIsSentAgainAndCountsOnce() {
    Set<String> lost = ConcurrentHashMap.newKeySet();
    MeddlingProxy proxy =
        proxy(
            request ->
                request.isCompletion() && lost.size() < 10 && lost.add(request.body())
                    ? Fate.ANSWER_LOST
                    : Fate.PASSED);
    // An update brings the next task, too: one that a lost answer hid comes back in time.
    List<String> ids = submit(60, 5);
    Worker worker = start("w", proxy.url(), sleeping(40));
    verify(ids, worker);
    assertThat(lost).hasSize(10);
    assertThat(runs).hasSize(60).allSatisfy((step, n) -> assertThat(n).hasValue(1));
    assertThat(worker.stats().delivered()).isEqualTo(60);
  }

  @Test
  void aReleaseWhoseAnswerWasLostIsNotRepeatedOverTheNextOwner() {
    Set<String> lost = ConcurrentHashMap.newKeySet();
    MeddlingProxy proxy =
        proxy(
            request ->
                request.isRelease() && lost.add(request.body()) ? Fate.ANSWER_LOST : Fate.PASSED);
    List<String> ids = submit(8, 0);
    Worker first = start("first", proxy.url(), context -> Mono.never());
    await("all of them run", () -> first.stats().running() == 8);
    first.stop().block(LIMIT);
    Worker second = start("second", server.url(), sleeping(40));
    verify(ids, second);
    assertThat(lost).hasSize(8);
    assertThat(proxy.requests().stream().filter(Request::isRelease)).hasSize(8);
    assertThat(first.stats().outbox()).isZero();
    assertThat(first.stats().released()).isEqualTo(8);
    assertThat(second.stats().started()).isEqualTo(8);
  }

  private void verify(List<String> ids, Worker worker) {
    for (String id : ids) {
      WorkflowRun run = api.awaitEnd(id, LIMIT);
      assertThat(run.status()).as("%s", run).isEqualTo("COMPLETED");
      assertThat(run.tasks()).filteredOn(task -> task.status().equals("COMPLETED")).hasSize(1);
    }
    await("the last answer", () -> worker.stats().outbox() == 0);
    assertThat(together).as("steps that ran twice at once").hasValue(0);
    assertThat(worker.stats().rejected()).isZero();
    assertThat(log.list).as("one line, and no stack").allMatch(e -> e.getThrowableProxy() == null);
  }

  private MeddlingProxy proxy(Function<Request, Fate> rule) {
    MeddlingProxy proxy = new MeddlingProxy(server.port(), rule);
    opened.add(proxy);
    return proxy;
  }

  private List<String> submit(int count, int retries) {
    api.define(
        TaskDefinition.of(TYPE)
            .retries(retries)
            .responseTimeout(Duration.ofSeconds(retries == 0 ? 30 : 3)));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(api.startTask(TYPE, null, Map.of("n", i)));
    }
    return ids;
  }

  private Worker start(String id, String url, TaskHandler handler) {
    ConductorTaskClient client =
        ConductorTaskClient.create(
            ConductorSpec.of(url)
                .responseTimeout(Duration.ofSeconds(1))
                .totalTimeout(Duration.ofMillis(1500)));
    opened.add(() -> client.close().block(LIMIT));
    Worker worker =
        Worker.create(
            client,
            WorkerSpec.of(TYPE, handler)
                .slots(10)
                .workerId(id)
                .drainTimeout(Duration.ofSeconds(10))
                .outage(
                    OutageSpec.create()
                        .giveUpAfter(Duration.ofSeconds(60))
                        .backoff(Duration.ofMillis(200), Duration.ofMillis(400))
                        .ramp(Duration.ofMillis(500))
                        .logInterval(Duration.ofMillis(300))));
    AtomicInteger failed = new AtomicInteger();
    worker.run().subscribe(nothing -> {}, e -> failed.incrementAndGet());
    leaks.watch("slots of " + id, () -> worker.stats().running());
    leaks.watch("failed runs of " + id, failed::get);
    leaks.watch("connections of " + id, client::openConnections);
    workers.add(worker);
    return worker;
  }

  private TaskHandler sleeping(long millis) {
    return context -> {
      String step = context.idempotencyKey();
      runs.computeIfAbsent(step, key -> new AtomicInteger()).incrementAndGet();
      AtomicInteger now = running.computeIfAbsent(step, key -> new AtomicInteger());
      if (now.incrementAndGet() > 1) {
        together.incrementAndGet();
      }
      return Mono.delay(Duration.ofMillis(millis))
          .thenReturn(Map.of("done", true))
          .doFinally(end -> now.decrementAndGet());
    };
  }

  private List<String> lines(String part) {
    return List.copyOf(log.list).stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.contains(part))
        .toList();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(OutageSignal.class.getPackageName());
  }

  private static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("%s within %s", what, LIMIT).isNegative();
      LockSupport.parkNanos(1_000_000);
    }
  }

  /**
   * A port below those that systems give to outgoing connections, one of which could meet itself.
   */
  private static int port() {
    for (int tried = 0; ; tried++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (IOException e) {
        assertThat(tried).as("ports tried").isLessThan(100);
      }
    }
  }
}
