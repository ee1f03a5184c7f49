package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class FaultTest extends FakeServerBench {

  @Test
  void aRefusedCallIsCertainlyNotApplied() {
    String id = server.submit("greet", Map.of());
    server.script(Call.POLL).next(Fault.refuse());

    ServerFailure failure = poll("greet", 1).failure();

    assertThat(failure.kind()).isEqualTo(ServerFailure.Kind.UNREACHABLE);
    assertThat(failure.maybeApplied()).isFalse();
    assertThat(server.state(id).status()).isEqualTo(TaskStatus.SCHEDULED);
    assertThat(poll("greet", 1).values).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(ServerFailure.Kind.class)
  void aFailureOfEachKindIsAnsweredAndNothingIsApplied(ServerFailure.Kind kind) {
    String id = server.submit("greet", Map.of());
    Task task = lease("greet");
    server.script(Call.UPDATE).next(Fault.fail(kind));

    ServerFailure failure = call(client.update(result(task, Outcome.completed()))).failure();

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.maybeApplied()).isFalse();
    assertThat(server.state(id).status()).isEqualTo(TaskStatus.IN_PROGRESS);
    assertThat(server.updates(id))
        .extracting(UpdateRecord::effect, UpdateRecord::answerLost)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(UpdateRecord.Effect.NOT_APPLIED, false));
  }

  @Test
  void aLostAnswerLeavesTheUpdateApplied() {
    String id = server.submit("greet", Map.of());
    Task task = lease("greet");
    server.script(Call.UPDATE).next(Fault.loseAnswer()).next(Fault.brokenAfterApplying());

    ServerFailure lost = call(client.update(result(task, Outcome.completed()))).failure();
    ServerFailure broken = call(client.update(result(task, Outcome.completed()))).failure();

    assertThat(lost.kind()).isEqualTo(ServerFailure.Kind.UNREACHABLE);
    assertThat(lost.maybeApplied()).isTrue();
    assertThat(broken.kind()).isEqualTo(ServerFailure.Kind.BROKEN);
    assertThat(server.state(id).status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(server.updates(id))
        .extracting(UpdateRecord::effect, UpdateRecord::answerLost)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(UpdateRecord.Effect.APPLIED, true),
            org.assertj.core.groups.Tuple.tuple(UpdateRecord.Effect.REPEATED, true));
  }

  @Test
  void aLostPollAnswerStrandsItsLease() {
    String id = server.submit("greet", Map.of());
    server.script(Call.POLL).next(Fault.loseAnswer());

    assertThat(poll("greet", 1).failure().maybeApplied()).isTrue();
    assertThat(server.state(id).status()).isEqualTo(TaskStatus.IN_PROGRESS);
    assertThat(server.leases(id).get(0).deliveries()).isZero();
  }

  @Test
  void aCallThatHangsEndsAtTheClientsDeadline() {
    server.submit("greet", Map.of());
    Task task = lease("greet");
    server.script(Call.POLL).next(Fault.hang());
    server.script(Call.UPDATE).next(Fault.hang());

    Seen<Polled> poll = new Seen<>(client.poll(ask("greet", 1, Duration.ofSeconds(5))));
    Seen<Void> update = new Seen<>(client.update(result(task, Outcome.completed())));
    pass(Duration.ofSeconds(20));

    assertThat(poll.endedMillis).isEqualTo(15_002);
    assertThat(poll.failure().maybeApplied()).isTrue();
    assertThat(update.endedMillis).isEqualTo(10_002);
    assertThat(update.failure().text()).isEqualTo("no answer within 10000 ms");
    assertThat(server.state(task.id()).status()).isEqualTo(TaskStatus.IN_PROGRESS);
  }

  @Test
  void aDelayedCallIsAppliedAtOnceAndAnsweredLater() {
    String id = server.submit("greet", Map.of());
    Task task = lease("greet");
    server.script(Call.UPDATE).next(Fault.delay(Duration.ofSeconds(3)));

    Seen<Void> update = call(client.update(result(task, Outcome.completed())));
    assertThat(server.state(id).status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(update.completed).isFalse();
    pass(Duration.ofSeconds(3));
    assertThat(update.completed).isTrue();
  }

  @Test
  void anAnswerThatIsDelayedPastTheDeadlineIsLost() {
    String id = server.submit("greet", Map.of());
    server.script(Call.POLL).next(Fault.delay(Duration.ofSeconds(11)));

    Seen<Polled> poll = poll("greet", 1);
    pass(Duration.ofSeconds(20));

    assertThat(poll.failure().maybeApplied()).isTrue();
    assertThat(poll.values).isEmpty();
    assertThat(server.leases(id).get(0).deliveries()).isZero();
  }

  @Test
  void anOverDeliveringPollBringsMoreThanWasAskedFor() {
    server.submitMany("greet", 5);
    server.script(Call.POLL).always(Fault.overDeliver(2));

    assertThat(poll("greet", 1).values).hasSize(3);
    assertThat(poll("greet", 5).values).hasSize(2);
    assertThat(server.maxLeased()).isEqualTo(5);
  }

  @Test
  void aDuplicatedAnswerBringsOneLeaseTwice() {
    String id = server.submit("greet", Map.of());
    server.script(Call.POLL).next(Fault.duplicate());

    assertThat(leased(poll("greet", 1))).extracting(Task::pollCount).containsExactly(1, 1);
    assertThat(server.leases(id)).hasSize(1);
    assertThat(server.leases(id).get(0).deliveries()).isEqualTo(2);
  }

  @Test
  void aCutAnswerBringsItsFirstElementsAndStrandsTheRest() {
    List<String> ids = server.submitMany("greet", 3);
    server.script(Call.POLL).next(Fault.cut(1));

    Seen<Polled> poll = poll("greet", 3);

    assertThat(leased(poll)).extracting(Task::id).containsExactly(ids.get(0));
    assertThat(poll.failure().replyCut()).isTrue();
    assertThat(server.leases()).extracting(LeaseRecord::deliveries).containsExactly(1, 0, 0);
    assertThat(server.leasedNow()).isEqualTo(3);
  }

  @Test
  void anUnusableElementComesWithItsIdsAndWithoutItsPayload() {
    List<String> ids = server.submitMany("greet", 2);
    server.script(Call.POLL).next(Fault.unusable(2));

    Seen<Polled> poll = poll("greet", 2);

    assertThat(poll.values.get(0)).isInstanceOf(Polled.Leased.class);
    assertThat(poll.values.get(1))
        .isInstanceOfSatisfying(
            Polled.Unusable.class,
            unusable -> {
              assertThat(unusable.task()).extracting(Task::id).isEqualTo(ids.get(1));
              assertThat(unusable.task()).extracting(task -> task.input().size()).isEqualTo(0);
            });
  }

  @Test
  void whileTheServerIsDownEverythingIsRefused() {
    String id = server.submit("greet", Map.of());
    server.down();
    assertThat(poll("greet", 1).failure().maybeApplied()).isFalse();
    assertThat(call(client.find(id)).failure().kind()).isEqualTo(ServerFailure.Kind.UNREACHABLE);
    server.up();
    assertThat(poll("greet", 1).values).hasSize(1);
  }

  @Test
  void callsInFlightBreakWhenTheServerGoesDown() {
    String id = server.submit("greet", Map.of());
    Task task = lease("greet");
    Seen<Polled> waiting = new Seen<>(client.poll(ask("greet", 1, Duration.ofSeconds(5))));
    pass(Duration.ofMillis(100));
    Seen<Void> sent = new Seen<>(client.update(result(task, Outcome.completed())));
    server.down();
    pass(Duration.ofMillis(1));

    assertThat(waiting.failure().text()).isEqualTo("Connection reset by peer");
    assertThat(sent.failure().maybeApplied()).isTrue();
    pass(Duration.ofSeconds(10));
    assertThat(server.state(id).status()).isEqualTo(TaskStatus.IN_PROGRESS);

    server.up();
    server.submit("greet", Map.of());
    pass(Duration.ofSeconds(10));
    assertThat(server.queued("greet")).isEqualTo(1);
  }

  @Test
  void whatABrokenPollHadTakenGoesBackToItsQueue() {
    server.submit("greet", Map.of());
    Seen<Polled> waiting = new Seen<>(client.poll(ask("greet", 2, Duration.ofSeconds(5))));
    pass(Duration.ofMillis(100));
    assertThat(server.queued("greet")).isZero();

    server.down();
    pass(Duration.ofMillis(1));

    assertThat(waiting.values).isEmpty();
    assertThat(server.queued("greet")).isEqualTo(1);
    assertThat(server.leases()).isEmpty();
  }

  @Test
  void anUpdateWhoseAnswerIsUnderWayWhenTheServerGoesDownIsApplied() {
    String id = server.submit("greet", Map.of());
    Task task = lease("greet");
    Seen<Void> sent = new Seen<>(client.update(result(task, Outcome.completed())));
    pass(Duration.ofMillis(1));
    server.down();
    pass(Duration.ofMillis(1));

    assertThat(sent.failure().maybeApplied()).isTrue();
    assertThat(server.state(id).status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(server.updates(id).get(0).answerLost()).isTrue();
  }

  @Test
  void aClosedClientsCallsFailAndOthersGoOn() {
    server.submit("greet", Map.of());
    Seen<Polled> waiting = new Seen<>(client.poll(ask("part", 1, Duration.ofSeconds(5))));
    pass(Duration.ofMillis(10));
    call(client.close());
    call(client.close());

    assertThat(waiting.failure().text()).isEqualTo("the client is closed");
    assertThat(poll("greet", 1).failure().kind()).isEqualTo(ServerFailure.Kind.UNREACHABLE);
    assertThat(call(server.client("west").poll(ask("greet", 1, Duration.ZERO))).values).hasSize(1);
    assertThat(server.leases().get(0).region()).isEqualTo("west");
  }

  @Test
  void aScriptOfATypeComesBeforeThatOfAllTypes() {
    server.script(Call.POLL).always(Fault.refuse());
    server.script(Call.POLL, "greet").next(2, Fault.none());

    assertThat(poll("greet", 1).completed).isTrue();
    assertThat(poll("part", 1).error).isNotNull();
    assertThat(poll("greet", 1).completed).isTrue();
    assertThat(poll("greet", 1).error).isNotNull();
    server.script(Call.POLL).clear();
    assertThat(poll("greet", 1).completed).isTrue();
  }

  @Test
  void onlyATerminalUpdateCanTakeTheNext() {
    server.submit("greet", Map.of());
    TaskUpdate release = TaskUpdate.release(lease("greet"), "w1");
    assertThat(call(client.updateAndPoll(release)).error)
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nonsenseIsRefusedByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Fault.overDeliver(0))
        .withMessageContaining("more is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Fault.delay(Duration.ofMillis(-1)))
        .withMessageContaining("PT-0.001S");
  }
}
