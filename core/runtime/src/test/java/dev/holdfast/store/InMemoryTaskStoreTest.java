package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.store.FinishResult.AlreadyFinished;
import dev.holdfast.store.FinishResult.Finished;
import dev.holdfast.task.Attempt;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@Timeout(60)
class InMemoryTaskStoreTest {

  private static final Attempt ATTEMPT = Given.attempt("t1");

  private final InMemoryTaskStore store = new InMemoryTaskStore();

  /** How an attempt came to where it is. */
  private enum From {
    UNKNOWN,
    RUNNING,
    FINISHED,
    DEAD,
    DELIVERED
  }

  /** What is asked of the store. */
  private enum Move {
    START,
    FINISH,
    FINISH_WITHOUT_UPDATE,
    DELIVERED,
    DEAD_LETTER
  }

  /** What can be seen of an attempt: the answer to a finish, and where its result stands. */
  private record Seen(
      @Nullable Object answer, boolean waits, boolean dead, @Nullable Object nextStart) {}

  private static Arguments move(
      From from, Move move, @Nullable Object answer, boolean waits, boolean dead, Object next) {
    return Arguments.of(from, move, new Seen(answer, waits, dead, next));
  }

  private static Stream<Arguments> moves() {
    Object won = new Finished();
    Object lost = new AlreadyFinished(FinalStatus.COMPLETED);
    Object started = StartResult.STARTED;
    Object running = StartResult.ALREADY_STARTED;
    Object finished = StartResult.ALREADY_FINISHED;
    return Stream.of(
        move(From.UNKNOWN, Move.START, started, false, false, running),
        move(From.UNKNOWN, Move.FINISH, won, true, false, finished),
        move(From.UNKNOWN, Move.FINISH_WITHOUT_UPDATE, won, false, false, finished),
        move(From.UNKNOWN, Move.DELIVERED, null, false, false, started),
        move(From.UNKNOWN, Move.DEAD_LETTER, null, false, false, started),
        move(From.RUNNING, Move.START, running, false, false, running),
        move(From.RUNNING, Move.FINISH, won, true, false, finished),
        move(From.RUNNING, Move.FINISH_WITHOUT_UPDATE, won, false, false, finished),
        move(From.RUNNING, Move.DELIVERED, null, false, false, running),
        move(From.RUNNING, Move.DEAD_LETTER, null, false, false, running),
        move(From.FINISHED, Move.START, finished, true, false, finished),
        move(From.FINISHED, Move.FINISH, lost, true, false, finished),
        move(From.FINISHED, Move.FINISH_WITHOUT_UPDATE, lost, true, false, finished),
        move(From.FINISHED, Move.DELIVERED, null, false, false, finished),
        move(From.FINISHED, Move.DEAD_LETTER, null, false, true, finished),
        move(From.DEAD, Move.START, finished, false, true, finished),
        move(From.DEAD, Move.FINISH, lost, false, true, finished),
        move(From.DEAD, Move.FINISH_WITHOUT_UPDATE, lost, false, true, finished),
        move(From.DEAD, Move.DELIVERED, null, false, false, finished),
        move(From.DEAD, Move.DEAD_LETTER, null, false, true, finished),
        move(From.DELIVERED, Move.START, finished, false, false, finished),
        move(From.DELIVERED, Move.FINISH, lost, false, false, finished),
        move(From.DELIVERED, Move.FINISH_WITHOUT_UPDATE, lost, false, false, finished),
        move(From.DELIVERED, Move.DELIVERED, null, false, false, finished),
        move(From.DELIVERED, Move.DEAD_LETTER, null, false, false, finished));
  }

  @ParameterizedTest
  @MethodSource("moves")
  void makesEachMoveAsTheTableOfLegalMovesSays(From from, Move move, Seen expected) {
    bring(from);

    Object answer = make(move).block();

    boolean waits = !waiting().isEmpty();
    boolean dead = !store.deadLetters().isEmpty();
    Object nextStart = store.start(ATTEMPT).block();
    assertThat(new Seen(answer, waits, dead, nextStart)).isEqualTo(expected);
  }

  private void bring(From from) {
    if (from != From.UNKNOWN) {
      make(Move.START).block();
    }
    if (from.compareTo(From.FINISHED) >= 0) {
      make(Move.FINISH).block();
    }
    if (from == From.DEAD) {
      make(Move.DEAD_LETTER).block();
    }
    if (from == From.DELIVERED) {
      make(Move.DELIVERED).block();
    }
  }

  private Mono<?> make(Move move) {
    return switch (move) {
      case START -> store.start(ATTEMPT);
      case FINISH -> store.finish(ATTEMPT, FinalStatus.COMPLETED, Given.completed("t1"));
      case FINISH_WITHOUT_UPDATE -> store.finish(ATTEMPT, FinalStatus.CANCELLED, null);
      case DELIVERED -> store.outbox().delivered(ATTEMPT);
      case DEAD_LETTER -> store.outbox().deadLetter(ATTEMPT, "refused");
    };
  }

  private List<OutboxEntry> waiting() {
    return store.outbox().waiting().collectList().blockOptional().orElseThrow();
  }

  @ParameterizedTest
  @EnumSource
  void doesNothingUntilItIsSubscribedTo(Move move) {
    bring(From.FINISHED);
    Attempt other = Given.attempt("t2");

    assertThat(make(move)).isNotNull();
    assertThat(store.start(other)).isNotNull();
    assertThat(store.finish(other, FinalStatus.COMPLETED, Given.completed("t2"))).isNotNull();

    assertThat(waiting()).extracting(OutboxEntry::attempt).containsExactly(ATTEMPT);
    store.start(other).as(StepVerifier::create).expectNext(StartResult.STARTED).verifyComplete();
  }

  @Test
  void looksAtWhatWaitsWhenItIsSubscribedTo() {
    var waiting = store.outbox().waiting();
    bring(From.FINISHED);

    waiting
        .as(StepVerifier::create)
        .expectNext(new OutboxEntry(ATTEMPT, Given.completed("t1")))
        .verifyComplete();
  }

  @Test
  void keepsTheWinnersResultAndNotTheLosers() {
    store.finish(ATTEMPT, FinalStatus.FAILED, Given.failed("t1")).block();
    store.finish(ATTEMPT, FinalStatus.COMPLETED, Given.completed("t1")).block();

    assertThat(waiting()).containsExactly(new OutboxEntry(ATTEMPT, Given.failed("t1")));
  }

  @Test
  void listsWhatWaitsOldestFirst() {
    List<String> ids = List.of("m", "z", "a", "q", "b");
    for (String id : ids) {
      store.start(Given.attempt(id)).block();
    }
    for (String id : ids) {
      store.finish(Given.attempt(id), FinalStatus.COMPLETED, Given.completed(id)).block();
    }
    store.outbox().delivered(Given.attempt("a")).block();

    assertThat(waiting())
        .extracting(entry -> entry.attempt().taskId())
        .containsExactly("m", "z", "q", "b");
  }

  @Test
  void setsDeadLettersAsideOldestFirst() {
    for (String id : List.of("m", "z", "a")) {
      store.finish(Given.attempt(id), FinalStatus.COMPLETED, Given.completed(id)).block();
    }
    store.outbox().deadLetter(Given.attempt("a"), "refused").block();
    store.outbox().deadLetter(Given.attempt("m"), "refused").block();

    assertThat(waiting()).extracting(entry -> entry.attempt().taskId()).containsExactly("z");
    assertThat(store.deadLetters())
        .extracting(entry -> entry.attempt().taskId())
        .containsExactly("m", "a");
    assertThat(store.deadLetters().get(0).update()).isEqualTo(Given.completed("m"));
  }

  @Test
  void tellsAttemptsOfOneTaskApart() {
    Attempt later = new Attempt("west", "t1", 2);
    bring(From.FINISHED);

    store.start(later).as(StepVerifier::create).expectNext(StartResult.STARTED).verifyComplete();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void refusesACapacityBelowOne(int capacity) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new InMemoryTaskStore(capacity))
        .withMessage("capacity is " + capacity + ": expected 1 or more");
  }

  @Test
  void saysHowManyResultsMayWait() {
    assertThat(new InMemoryTaskStore(1).outbox().capacity()).isEqualTo(1);
    assertThat(store.outbox().capacity()).isEqualTo(InMemoryTaskStore.DEFAULT_CAPACITY);
  }
}
