package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Attempt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.test.util.RaceTestUtils;

/** The store under races, and over many attempts. */
@Timeout(60)
class InMemoryTaskStoreLoadTest {

  private static final int ROUNDS = 2_000;
  private static final int RETAINED = 10_000;
  private static final int MANY = 100_000;

  private final InMemoryTaskStore store = new InMemoryTaskStore();

  @Test
  void letsOneOfTwoFinishesWinAndTellsTheOtherWhoDid() {
    for (int round = 0; round < ROUNDS; round++) {
      String id = "t" + round;
      Attempt attempt = Given.attempt(id);
      if (round % 2 == 0) {
        store.start(attempt).block();
      }
      ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
      RaceTestUtils.race(
          () -> finish(attempt, FinalStatus.COMPLETED, Given.completed(id), answers),
          () -> finish(attempt, FinalStatus.FAILED, Given.failed(id), answers));

      List<Answer> winners = answers.stream().filter(Answer::won).toList();
      assertThat(winners).hasSize(1);
      Answer winner = winners.get(0);
      assertThat(answers.stream().filter(answer -> !answer.won()).map(Answer::result))
          .containsExactly(new FinishResult.AlreadyFinished(winner.status));
      assertThat(store.outbox().waiting().collectList().block())
          .containsExactly(new OutboxEntry(attempt, winner.update));
      store.outbox().delivered(attempt).block();
    }
  }

  private record Answer(FinalStatus status, TaskUpdate update, FinishResult result) {
    boolean won() {
      return result instanceof FinishResult.Finished;
    }
  }

  private void finish(
      Attempt attempt, FinalStatus status, TaskUpdate update, ConcurrentLinkedQueue<Answer> to) {
    store
        .finish(attempt, status, update)
        .subscribe(result -> to.add(new Answer(status, update, result)));
  }

  @Test
  void neverLetsAnAttemptStartAfterItHasFinished() {
    for (int round = 0; round < ROUNDS; round++) {
      String id = "t" + round;
      Attempt attempt = Given.attempt(id);
      ConcurrentLinkedQueue<Object> answers = new ConcurrentLinkedQueue<>();
      RaceTestUtils.race(
          () -> store.start(attempt).subscribe(answers::add),
          () ->
              store
                  .finish(attempt, FinalStatus.RELEASED, Given.completed(id))
                  .subscribe(answers::add));

      assertThat(answers)
          .hasSize(2)
          .contains(new FinishResult.Finished())
          .containsAnyOf(StartResult.STARTED, StartResult.ALREADY_FINISHED);
      assertThat(store.start(attempt).block()).isEqualTo(StartResult.ALREADY_FINISHED);
      store.outbox().delivered(attempt).block();
    }
  }

  @Test
  void letsOneOfTwoStartsRun() {
    for (int round = 0; round < ROUNDS; round++) {
      Attempt attempt = Given.attempt("t" + round);
      ConcurrentLinkedQueue<StartResult> answers = new ConcurrentLinkedQueue<>();
      RaceTestUtils.race(
          () -> store.start(attempt).subscribe(answers::add),
          () -> store.start(attempt).subscribe(answers::add));

      assertThat(answers)
          .containsExactlyInAnyOrder(StartResult.STARTED, StartResult.ALREADY_STARTED);
    }
  }

  @Test
  void keepsOnlyTheLatestOfTheAttemptsThatAreOver() {
    List<Attempt> samples = new ArrayList<>();
    for (int number = 0; number < MANY; number++) {
      Attempt attempt = Given.attempt("t" + number);
      store.start(attempt).subscribe();
      if (number % 2 == 0) {
        store.finish(attempt, FinalStatus.CANCELLED, null).subscribe();
      } else {
        store.finish(attempt, FinalStatus.COMPLETED, Given.completed("t" + number)).subscribe();
        store.outbox().delivered(attempt).subscribe();
      }
      if (number % 1_000 < 2) {
        samples.add(attempt);
      }
    }

    assertThat(store)
        .extracting("rows")
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .hasSize(RETAINED);
    assertThat(samples.subList(0, 100))
        .allMatch(a -> store.start(a).block() == StartResult.STARTED);
    assertThat(store.start(Given.attempt("t" + (MANY - 1))).block())
        .isEqualTo(StartResult.ALREADY_FINISHED);
  }
}
