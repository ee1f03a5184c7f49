package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Attempt;
import dev.holdfast.task.Task;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.test.util.RaceTestUtils;

/** Exactly one final per attempt. */
@Timeout(60)
class OneFinalTest {
  @Test
  void oneOfTwoFinalsWithoutAResultWins() {
    InMemoryTaskStore store = new InMemoryTaskStore();
    int both = 0;
    for (int i = 0; i < 5_000; i++) {
      Attempt a = new Attempt("west", "t" + i, 1);
      store.start(a).block();
      AtomicInteger won = new AtomicInteger();
      Runnable finish =
          () ->
              store
                  .finish(a, FinalStatus.CANCELLED, null)
                  .subscribe(r -> won.addAndGet(r instanceof FinishResult.Finished ? 1 : 0));
      RaceTestUtils.race(finish, finish);
      both += won.get() == 2 ? 1 : 0;
    }
    assertThat(both).isZero();
  }

  @Test
  void aFinalStaysTheFinalAfterItsResultWasDelivered() {
    InMemoryTaskStore store = new InMemoryTaskStore();
    Attempt attempt = new Attempt("west", "t", 1);
    TaskUpdate update = TaskUpdate.release(Task.builder("t", "greet").build(), "w");
    store.finish(attempt, FinalStatus.RELEASED, update).block();
    store.outbox().delivered(attempt).block();

    assertThat(store.finish(attempt, FinalStatus.CANCELLED, null).block())
        .isEqualTo(new FinishResult.AlreadyFinished(FinalStatus.RELEASED));
    assertThat(store.start(attempt).block()).isEqualTo(StartResult.ALREADY_FINISHED);
    assertThat(store.outbox().waiting().collectList().block()).isEmpty();
  }

  @Test
  void aDeliveryOfARunningAttemptChangesNothing() {
    InMemoryTaskStore store = new InMemoryTaskStore();
    Attempt attempt = new Attempt("west", "t", 1);
    store.start(attempt).block();
    store.outbox().delivered(attempt).block();

    assertThat(store.start(attempt).block()).isEqualTo(StartResult.ALREADY_STARTED);
  }
}
