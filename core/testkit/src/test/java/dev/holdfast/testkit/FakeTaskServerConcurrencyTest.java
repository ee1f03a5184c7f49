package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.Polled;
import dev.holdfast.client.TaskClient;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Many threads on real time lose nothing; on virtual time two runs are the same. */
@Timeout(60)
class FakeTaskServerConcurrencyTest {

  private static final int TASKS = 400;

  @RegisterExtension final LeakGuard guard = new LeakGuard();

  private static Flux<Polled> drain(TaskClient client, String worker, Duration longPoll) {
    return Flux.defer(() -> client.poll(new PollRequest("greet", worker, null, 7, longPoll)))
        .collectList()
        .repeat()
        .takeUntil(List::isEmpty)
        .concatMapIterable(polled -> polled)
        .concatMap(polled -> answer(client, worker, polled).thenReturn(polled));
  }

  private static Mono<Void> answer(TaskClient client, String worker, Polled polled) {
    Task task = ((Polled.Leased) polled).task();
    boolean release = task.pollCount() == 1 && task.id().endsWith("3");
    TaskUpdate update =
        release
            ? TaskUpdate.release(task, worker)
            : TaskUpdate.of(task, Outcome.completed(), worker);
    return client.update(update);
  }

  @RepeatedTest(3)
  void fourWorkersOnRealThreadsAnswerEachTaskOnce() throws Exception {
    Scheduler scheduler = Schedulers.newParallel("fake-task-server", 4);
    guard.watch("threads of the scheduler", () -> scheduler.isDisposed() ? 0 : 1);
    try {
      FakeTaskServer server = FakeTaskServer.on(scheduler).latency(Duration.ofNanos(20_000));
      TaskClient client = server.client();
      server.submitMany("greet", TASKS);

      List<Polled> done =
          Flux.range(1, 4)
              .flatMap(n -> drain(client, "w" + n, Duration.ofMillis(100)))
              .collectList()
              .toFuture()
              .get(30, TimeUnit.SECONDS);

      assertThat(done).hasSize(TASKS + TASKS / 10);
      assertThat(server.leases()).hasSize(TASKS + TASKS / 10);
      assertThat(server.leasedNow()).isZero();
      server.assertAllCompleted();
      server.verify();
    } finally {
      scheduler.dispose();
    }
  }

  @Test
  void aRunOnVirtualTimeIsRepeatedToTheLastEvent() {
    assertThat(booksOfARun()).isEqualTo(booksOfARun()).hasSizeGreaterThan(TASKS);
  }

  private static List<Object> booksOfARun() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    FakeTaskServer server = FakeTaskServer.on(time);
    server.script(Call.POLL).next(Fault.delay(Duration.ofMillis(3)));
    server.submitMany("greet", TASKS);
    Flux.range(1, 4)
        .flatMap(n -> drain(server.client(), "w" + n, Duration.ofMillis(100)))
        .subscribe();
    time.advanceTimeBy(Duration.ofMinutes(1));
    server.assertAllCompleted();
    server.verify();
    List<Object> books = new ArrayList<>(server.leases());
    server.calls().stream()
        .map(
            call ->
                call.number() + " " + call.kind() + " " + call.workerId() + " " + call.endMillis())
        .forEach(books::add);
    return books;
  }
}
