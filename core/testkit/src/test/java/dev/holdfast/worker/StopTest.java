package dev.holdfast.worker;

import static dev.holdfast.worker.WorkerRig.echo;
import static dev.holdfast.worker.WorkerRig.input;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.TaskStatus;
import dev.holdfast.testkit.Call;
import dev.holdfast.testkit.Fault;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.testkit.RunRecord;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** How a worker starts and ends, on virtual time. */
@Timeout(60)
class StopTest {

  @RegisterExtension final LeakGuard leaks = new LeakGuard();

  private final WorkerRig rig = new WorkerRig();

  @Test
  void nothingHappensBeforeTheSubscription() {
    Worker worker =
        Worker.create(
            rig.server.client(), WorkerSpec.of("greet", echo()).scheduler(() -> rig.time));
    worker.run();
    rig.advance(Duration.ofSeconds(10));

    assertThat(rig.server.requestCount()).isZero();
    assertThat(worker.stop().block()).isNull();
  }

  @Test
  void aSecondSubscriptionWhileItRunsIsAnError() {
    Worker worker = rig.start("greet", 2, echo());

    StepVerifier.create(worker.run())
        .expectErrorSatisfies(
            e -> assertThat(e).isInstanceOf(IllegalStateException.class).hasMessageContaining("w"))
        .verify(Duration.ofSeconds(5));
    rig.finish();
  }

  @Test
  void itCanRunAgainAfterADrain() {
    Worker worker = rig.start("greet", 2, echo());
    rig.advance(Duration.ofSeconds(1));
    rig.finish();
    String task = rig.server.submit("greet", input(1));
    AtomicBoolean completed = new AtomicBoolean();
    worker.run().subscribe(v -> {}, e -> {}, () -> completed.set(true));
    rig.advance(Duration.ofSeconds(3));
    assertThat(rig.server.state(task).status()).isEqualTo(TaskStatus.COMPLETED);
    worker.stop().subscribe();
    rig.advance(Duration.ofSeconds(30));

    assertThat(completed).isTrue();
  }

  @Test
  void stopIsTheSameMonoForAllAndCompletesForAll() {
    rig.server.submitMany("greet", 3);
    Worker worker = rig.start("greet", 3, rig.takes(Duration.ofSeconds(5)));
    rig.advance(Duration.ofSeconds(1));
    AtomicInteger completed = new AtomicInteger();
    assertThat(worker.stop()).isSameAs(worker.stop());
    worker.stop().subscribe(v -> {}, e -> {}, completed::incrementAndGet);
    worker.stop().subscribe(v -> {}, e -> {}, completed::incrementAndGet).dispose();
    worker.stop().subscribe(v -> {}, e -> {}, completed::incrementAndGet);
    rig.advance(Duration.ofSeconds(3));
    assertThat(completed).hasValue(0);
    rig.advance(Duration.ofSeconds(3));

    assertThat(completed).hasValue(2);
    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void runningHandlersFinishAndTheirResultsAreSentBeforeItEnds() {
    rig.server.submitMany("greet", 20);
    Worker worker = rig.start("greet", 5, rig.takes(Duration.ofSeconds(3)));
    rig.advance(Duration.ofSeconds(1));
    worker.stop().subscribe();
    long stopped = rig.nowMillis();
    rig.advance(Duration.ofSeconds(10));

    assertThat(rig.endings()).containsExactly("completed");
    assertThat(rig.verified().delivered()).isEqualTo(5);
    assertThat(rig.server.queued("greet")).isEqualTo(15);
    assertThat(rig.server.polls()).allSatisfy(p -> assertThat(p.beginMillis()).isLessThan(stopped));
  }

  @Test
  void aHandlerThatOutlastsFourFifthsOfTheDrainIsCancelledAndItsTaskHandedBack() {
    AtomicBoolean cancelled = new AtomicBoolean();
    String task = rig.server.submit("greet", input(1));
    Worker worker =
        rig.start(
            WorkerSpec.of(
                    "greet",
                    rig.server.observe(
                        context -> Mono.never().doOnCancel(() -> cancelled.set(true))))
                .drainTimeout(Duration.ofSeconds(10)));
    rig.advance(Duration.ofSeconds(3));
    worker.stop().subscribe();
    rig.advanceMillis(7_900);
    assertThat(cancelled).isFalse();
    rig.advanceMillis(200);

    assertThat(cancelled).isTrue();
    assertThat(rig.endings()).containsExactly("completed");
    assertThat(rig.server.runs(task).get(0).ending()).isEqualTo(RunRecord.Ending.CANCELLED);
    assertThat(rig.server.queued("greet")).isEqualTo(1);
    assertThat(rig.verified().released()).isEqualTo(1);
  }

  @Test
  void cancellingTheRunCancelsHandlersAndHandsBackWhatRunsAndWhatThePollsInFlightBring() {
    String running = rig.server.submit("greet", input(1));
    rig.start("greet", 4, rig.takes(Duration.ofSeconds(30)));
    rig.advanceMillis(2_000);
    rig.server.script(Call.POLL).clear();
    rig.cancel();
    String late = rig.server.submit("greet", input(2));
    rig.advance(Duration.ofSeconds(5));

    assertThat(rig.endings()).isEmpty();
    assertThat(rig.server.runs(running).get(0).ending()).isEqualTo(RunRecord.Ending.CANCELLED);
    assertThat(rig.server.runs(late)).isEmpty();
    assertThat(rig.server.queued("greet")).isEqualTo(2);
    assertThat(rig.verified().released()).isEqualTo(2);
  }

  @Test
  void afterACancelTheWorkerCanRunAgainOnceItHasEnded() {
    Worker worker = rig.start("greet", 4, echo());
    rig.advanceMillis(100);
    rig.cancel();
    AtomicBoolean over = new AtomicBoolean();
    worker.stop().subscribe(v -> {}, e -> {}, () -> over.set(true));
    rig.advance(Duration.ofSeconds(5));

    assertThat(over).isTrue();
    String task = rig.server.submit("greet", input(1));
    worker.run().subscribe();
    rig.advance(Duration.ofSeconds(3));
    assertThat(rig.server.state(task).status()).isEqualTo(TaskStatus.COMPLETED);
    worker.stop().subscribe();
    rig.advance(Duration.ofSeconds(30));
    rig.verified();
  }

  @Test
  void whatCannotBeSentWithinTheDrainStaysInTheOutbox() {
    rig.server.script(Call.UPDATE).always(Fault.refuse());
    rig.server.submitMany("greet", 3);
    Worker worker = rig.startSendingAlone("greet", 3, echo());
    rig.advance(Duration.ofSeconds(5));
    worker.stop().subscribe();
    rig.advance(Duration.ofSeconds(24));
    assertThat(rig.endings()).isEmpty();
    rig.advance(Duration.ofSeconds(2));

    assertThat(rig.endings()).containsExactly("completed");
    assertThat(worker.stats().outbox()).isEqualTo(3);
    assertThat(rig.store.outbox().waiting().collectList().block()).hasSize(3);
  }

  @Test
  void tellsWhatHappens() {
    java.util.List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
    rig.server.submitMany("greet", 2);
    Worker worker =
        Worker.create(
            rig.server.client(), WorkerSpec.of("greet", echo()).scheduler(() -> rig.time));
    var watching = worker.events().subscribe(e -> seen.add(e.getClass().getSimpleName()));
    worker.run().subscribe();
    rig.advance(Duration.ofSeconds(3));
    worker.stop().subscribe();
    rig.advance(Duration.ofSeconds(30));

    long deadline = System.nanoTime() + 5_000_000_000L;
    while (!seen.contains("Stopped") && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    watching.dispose();
    assertThat(seen)
        .contains(
            "Started",
            "PollAnswered",
            "TaskStarted",
            "TaskFinished",
            "ResultDelivered",
            "Draining",
            "Stopped");
  }
}
