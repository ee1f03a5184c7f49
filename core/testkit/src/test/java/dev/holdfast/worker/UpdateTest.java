package dev.holdfast.worker;

import static dev.holdfast.worker.WorkerRig.echo;
import static dev.holdfast.worker.WorkerRig.input;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.store.InMemoryTaskStore;
import dev.holdfast.task.Outcome;
import dev.holdfast.testkit.Call;
import dev.holdfast.testkit.Fault;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.testkit.TaskTypeSpec;
import dev.holdfast.testkit.UpdateRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** The rules of the record and update stages, on virtual time. */
@Timeout(60)
class UpdateTest {

  @RegisterExtension final LeakGuard leaks = new LeakGuard();

  private final WorkerRig rig = new WorkerRig();
  private final InMemoryTaskStore memory = new InMemoryTaskStore();

  UpdateTest() {
    rig.store = memory;
  }

  @Test
  void sendsOneUpdatePerAttempt() {
    List<String> tasks = rig.server.submitMany("greet", 50);
    rig.start("greet", 5, rig.takesUnevenly());
    rig.advance(Duration.ofSeconds(20));

    assertThat(tasks).allSatisfy(task -> assertThat(rig.server.updates(task)).hasSize(1));
    assertThat(rig.finish().delivered()).isEqualTo(50);
  }

  @Test
  void aResultWhoseAnswerWasLostIsSentOnceMore() {
    rig.server.script(Call.UPDATE).next(Fault.loseAnswer());
    String task = rig.server.submit("greet", input(1));
    rig.start("greet", 1, echo());
    rig.advance(Duration.ofSeconds(30));

    assertThat(rig.server.updates(task))
        .extracting(UpdateRecord::effect)
        .containsExactly(UpdateRecord.Effect.APPLIED, UpdateRecord.Effect.REPEATED);
    rig.server.assertAllCompleted();
    rig.finish();
  }

  @ParameterizedTest
  @EnumSource(
      value = ServerFailure.Kind.class,
      names = {"UNREACHABLE", "OVERLOADED", "UNAUTHORIZED", "BROKEN"})
  void aResultIsKeptAndSentUntilTheServerAnswersForIt(ServerFailure.Kind kind) {
    rig.server.script(Call.UPDATE).always(Fault.fail(kind));
    rig.server.define("greet", TaskTypeSpec.defaults().withResponseTimeout(Duration.ZERO));
    String task = rig.server.submit("greet", input(1));
    Worker worker = rig.start("greet", 1, echo());
    rig.advance(Duration.ofHours(2));
    assertThat(worker.stats().outbox()).isEqualTo(1);
    int tries = rig.server.updates(task).size();
    assertThat(tries).isBetween(2 * 60 * 60 / 10, 2 * 60 * 60 / 5 + 5);
    rig.server.script(Call.UPDATE).clear();
    rig.advance(Duration.ofSeconds(11));

    rig.server.assertAllCompleted();
    assertThat(rig.finish().delivered()).isEqualTo(1);
    assertThat(memory.deadLetters()).isEmpty();
  }

  @Test
  void aRetryAfterOfTheServerIsHonoured() {
    rig.server.script(Call.UPDATE).next(Fault.overloaded(Duration.ofSeconds(45)));
    String task = rig.server.submit("greet", input(1));
    rig.start("greet", 1, echo());
    rig.advance(Duration.ofSeconds(60));

    List<UpdateRecord> sent = rig.server.updates(task);
    assertThat(sent).hasSize(2);
    assertThat(sent.get(1).call().beginMillis() - sent.get(0).call().beginMillis())
        .as("not before, and not all clients in the same instant")
        .isBetween(45_000L, 46_010L);
    rig.finish();
  }

  @Test
  void aRejectedResultBecomesADeadLetterAtOnce() {
    rig.server.script(Call.UPDATE).next(Fault.rejected());
    String task = rig.server.submit("greet", input(1));
    Worker worker = rig.start("greet", 1, echo());
    rig.advance(Duration.ofSeconds(30));

    assertThat(rig.server.updates(task)).hasSize(1);
    assertThat(memory.deadLetters()).hasSize(1);
    assertThat(worker.stats().rejected()).isEqualTo(1);
    assertThat(worker.stats().outbox()).isZero();
  }

  @Test
  void aResultThatBreaksTheServerFiveTimesWhileOthersGetThroughBecomesADeadLetter() {
    rig.server.script(Call.UPDATE, "poison").always(Fault.broken(true));
    String poison = rig.server.submit("poison", input(1));
    rig.server.submit("greet", input(1));
    rig.start(
        WorkerSpec.of(
            TaskSpec.of("poison", rig.server.observe(echo())),
            TaskSpec.of("greet", rig.server.observe(rig.takes(Duration.ofSeconds(20))))));
    rig.advance(Duration.ofMinutes(2));

    assertThat(memory.deadLetters()).hasSize(1);
    assertThat(rig.server.updates(poison)).hasSizeBetween(5, 7);
  }

  @Test
  void aResultIsSentAgainAlthoughTheServerSaysThatThatCannotHelp() {
    rig.server.script(Call.UPDATE, "locked").next(2, Fault.broken(false));
    String locked = rig.server.submit("locked", input(1));
    rig.server.submitMany("greet", 50);
    rig.start(
        WorkerSpec.of(
                TaskSpec.of("locked", rig.server.observe(echo())),
                TaskSpec.of("greet", rig.server.observe(rig.takes(Duration.ofMillis(500)))))
            .slots(2));
    rig.advance(Duration.ofMinutes(1));

    assertThat(rig.server.updates(locked)).hasSize(3);
    assertThat(memory.deadLetters()).isEmpty();
    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void aResultThatTheServerBreaksOnForGoodIsSentThreeTimes() {
    rig.server.script(Call.UPDATE, "poison").always(Fault.broken(false));
    String poison = rig.server.submit("poison", input(1));
    rig.server.submitMany("greet", 100);
    rig.start(
        WorkerSpec.of(
                TaskSpec.of("poison", rig.server.observe(echo())),
                TaskSpec.of("greet", rig.server.observe(rig.takes(Duration.ofMillis(500)))))
            .slots(2));
    rig.advance(Duration.ofMinutes(1));

    assertThat(rig.server.updates(poison)).hasSize(3);
    assertThat(memory.deadLetters()).hasSize(1);
  }

  @Test
  void aServerThatBreaksOnEveryResultMakesNoDeadLetter() {
    rig.server.script(Call.UPDATE).always(Fault.broken(false));
    rig.server.submitMany("greet", 10);
    rig.startSendingAlone("greet", 5, echo());
    rig.advance(Duration.ofMinutes(30));
    assertThat(memory.deadLetters()).isEmpty();
    rig.server.script(Call.UPDATE).clear();
    rig.advance(Duration.ofMinutes(1));

    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void resultsThatWaitForTheirRetryHoldNoPlace() {
    rig.server.script(Call.UPDATE, "stuck").always(Fault.unauthorized());
    rig.server.submitMany("stuck", 200);
    rig.start(
        WorkerSpec.of(
                TaskSpec.of("stuck", rig.server.observe(echo())),
                TaskSpec.of("greet", rig.server.observe(echo())))
            .slots(10)
            .takesNext(false));
    rig.advance(Duration.ofSeconds(30));
    assertThat(rig.server.leasedNow()).isEqualTo(200);
    String task = rig.server.submit("greet", input(1));
    rig.advance(Duration.ofSeconds(3));

    assertThat(rig.server.state(task).status()).isEqualTo(TaskStatus.COMPLETED);
  }

  @Test
  void aReleaseWhoseAnswerWasLostIsNotRepeatedWhenAnotherHoldsTheTask() {
    rig.server.script(Call.UPDATE).next(Fault.loseAnswer());
    rig.server.define("greet", TaskTypeSpec.defaults().withRetries(0));
    String task = rig.server.submit("greet", input(1));
    rig.start(
        "greet",
        1,
        context ->
            context.attempt().pollCount() == 1
                ? Mono.just(Outcome.retryLater(Duration.ZERO, Map.of()))
                : Mono.just(context.input()).delayElement(Duration.ofSeconds(30), rig.time));
    rig.advance(Duration.ofSeconds(60));

    assertThat(rig.applied(task))
        .extracting(update -> update.update().status())
        .containsExactly(TaskStatus.IN_PROGRESS, TaskStatus.COMPLETED);
    assertThat(rig.server.runs(task)).hasSize(2);
    assertThat(rig.finish().late()).isEqualTo(1);
  }

  @Test
  void aHandBackThatNeverArrivedIsRepeatedOnceTheServerSaysTheTaskIsStillHeld() {
    rig.server.script(Call.UPDATE).next(Fault.hang());
    String task = rig.server.submit("greet", input(1));
    rig.start(
        "greet",
        1,
        context ->
            context.attempt().pollCount() == 1
                ? Mono.just(Outcome.retryLater(Duration.ZERO, Map.of("page", 2)))
                : Mono.empty());
    rig.advance(Duration.ofSeconds(60));

    assertThat(rig.server.calls(Call.FIND)).hasSize(1);
    assertThat(rig.applied(task))
        .extracting(update -> update.update().status())
        .containsExactly(TaskStatus.IN_PROGRESS, TaskStatus.COMPLETED);
    rig.finish();
  }

  @Test
  void whatAnEarlierRunLeftInTheOutboxIsSentByTheNext() {
    rig.server.script(Call.UPDATE).always(Fault.refuse());
    List<String> tasks = rig.server.submitMany("greet", 8);
    Worker first =
        rig.start(
            WorkerSpec.of("greet", rig.server.observe(echo()))
                .takesNext(false)
                .drainTimeout(Duration.ofSeconds(5)));
    rig.advance(Duration.ofSeconds(10));
    first.stop().subscribe();
    rig.advance(Duration.ofSeconds(6));
    assertThat(rig.endings()).containsExactly("completed");
    assertThat(first.stats().outbox()).isEqualTo(8);

    rig.server.script(Call.UPDATE).clear();
    rig.start("greet", 5, echo());
    rig.advance(Duration.ofSeconds(5));

    assertThat(tasks)
        .allSatisfy(
            task -> {
              assertThat(rig.server.state(task).status()).isEqualTo(TaskStatus.COMPLETED);
              assertThat(rig.server.runs(task)).hasSize(1);
            });
  }
}
