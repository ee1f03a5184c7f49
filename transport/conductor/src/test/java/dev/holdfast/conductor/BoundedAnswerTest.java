package dev.holdfast.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.context.Context;

@Timeout(30)
class BoundedAnswerTest {

  private static final Duration TOTAL = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofSeconds(4);

  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  private final Deadlines deadlines = new Deadlines(time);
  private final TestPublisher<String> server = TestPublisher.create();
  private final List<Runnable> reading = new ArrayList<>();
  private long heardNanos = -1;

  private Flux<String> bounded(Flux<String> answer, Duration total) {
    return new BoundedAnswer<>(
        answer,
        deadlines,
        new BoundedAnswer.Bounds() {
          @Override
          public Duration total() {
            return total;
          }

          @Override
          public long silentUntilNanos(long nowNanos) {
            return (heardNanos < 0 ? nowNanos : heardNanos) + SILENCE.toNanos();
          }

          @Override
          public void afterReading(Runnable look) {
            reading.add(look);
          }

          @Override
          public Throwable overdue() {
            return new TimeoutException("overdue");
          }

          @Override
          public Throwable typed(Throwable error) {
            return new IllegalStateException("typed", error);
          }

          @Override
          public Context context(Context callers) {
            return callers.put("call", "mine");
          }
        });
  }

  @Test
  void whatMakesTheAnswerSeesTheCallBesideTheCallersContext() {
    bounded(
            Flux.deferContextual(seen -> Flux.just(seen.get("call") + " " + seen.get("who"))),
            TOTAL)
        .contextWrite(context -> context.put("who", "caller"))
        .as(StepVerifier::create)
        .expectNext("mine caller")
        .verifyComplete();
  }

  @Test
  void anAnswerInTimePassesAndLeavesNothingBehind() {
    StepVerifier.create(bounded(server.flux(), TOTAL))
        .then(() -> server.next("a").next("b").complete())
        .expectNext("a", "b")
        .verifyComplete();
    assertThat(deadlines.size()).isZero();
  }

  @Test
  void anErrorIsTyped() {
    StepVerifier.create(bounded(server.flux(), TOTAL))
        .then(() -> server.error(new RuntimeException("reset")))
        .verifyErrorMatches(
            e -> e instanceof IllegalStateException && "reset".equals(e.getCause().getMessage()));
    assertThat(deadlines.size()).isZero();
  }

  @Test
  void theDeadlineEndsItCancelsItAndKeepsWhatCame() {
    StepVerifier.create(bounded(server.flux(), TOTAL))
        .then(() -> server.next("a"))
        .expectNext("a")
        .then(() -> time.advanceTimeBy(TOTAL.minusMillis(1)))
        .then(() -> server.next("b"))
        .expectNext("b")
        .then(() -> time.advanceTimeBy(Duration.ofMillis(1)))
        .verifyError(TimeoutException.class);
    server.assertCancelled();
    assertThat(deadlines.size()).isZero();
  }

  @Test
  void aDeadlineWhileAnElementIsHandedOverIsToldAfterIt() {
    List<String> seen = new ArrayList<>();
    Flux<String> answer =
        bounded(server.flux(), TOTAL)
            .doOnNext(
                element -> {
                  seen.add(element);
                  time.advanceTimeBy(TOTAL);
                  seen.add("still inside");
                })
            .doOnError(error -> seen.add(error.getMessage()));
    StepVerifier.create(answer)
        .then(() -> server.next("a"))
        .expectNext("a")
        .verifyError(TimeoutException.class);
    assertThat(seen).containsExactly("a", "still inside", "overdue");
    server.assertCancelled();
  }

  @Test
  void aCancelReachesTheServerAndTheDeadlineIsForgotten() {
    Disposable call = bounded(server.flux(), TOTAL).subscribe();
    call.dispose();
    server.assertCancelled();
    assertThat(deadlines.size()).isZero();
    time.advanceTimeBy(TOTAL.multipliedBy(2));
  }

  @Test
  void aNearerDeadlineThatComesLaterIsKeptToo() {
    List<String> ends = new ArrayList<>();
    bounded(Flux.never(), TOTAL).subscribe(e -> {}, e -> ends.add("far"));
    time.advanceTimeBy(Duration.ofSeconds(1));
    bounded(Flux.never(), Duration.ofSeconds(2)).subscribe(e -> {}, e -> ends.add("near"));
    time.advanceTimeBy(Duration.ofSeconds(2));
    assertThat(ends).containsExactly("near");
    time.advanceTimeBy(Duration.ofSeconds(7));
    assertThat(ends).containsExactly("near", "far");
  }

  @Test
  void aCallAfterAnIdleTimeIsBoundedAgain() {
    StepVerifier.create(bounded(Flux.just("a"), TOTAL)).expectNext("a").verifyComplete();
    time.advanceTimeBy(TOTAL.multipliedBy(3));
    List<String> ends = new ArrayList<>();
    bounded(Flux.never(), TOTAL).subscribe(e -> {}, e -> ends.add("overdue"));
    time.advanceTimeBy(TOTAL);
    assertThat(ends).containsExactly("overdue");
  }

  private void read() {
    List<Runnable> looks = List.copyOf(reading);
    reading.clear();
    looks.forEach(Runnable::run);
  }

  @Test
  void aSilenceEndsItThatBeganWhenItWasLastHeardOf() {
    StepVerifier.create(bounded(server.flux(), TOTAL))
        .then(() -> time.advanceTimeBy(Duration.ofSeconds(5)))
        .then(() -> heardNanos = deadlines.now())
        .then(() -> time.advanceTimeBy(SILENCE.minusMillis(1)))
        .then(() -> assertThat(reading).isEmpty())
        .then(() -> time.advanceTimeBy(Duration.ofMillis(1)))
        .then(this::read)
        .verifyError(TimeoutException.class);
    server.assertCancelled();
    assertThat(deadlines.size()).isZero();
  }

  @Test
  void whatHadComeAndWasNotReadYetIsNoSilence() {
    heardNanos = 0;
    StepVerifier.create(bounded(server.flux(), TOTAL))
        .then(() -> time.advanceTimeBy(SILENCE))
        .then(() -> assertThat(reading).hasSize(1))
        .then(() -> server.next("a"))
        .then(() -> heardNanos = deadlines.now())
        .then(this::read)
        .expectNext("a")
        .then(() -> time.advanceTimeBy(SILENCE))
        .then(this::read)
        .verifyError(TimeoutException.class);
  }

  @Test
  void aReaderThatHangsLeavesTheTotalDeadline() {
    heardNanos = 0;
    StepVerifier.create(bounded(server.flux(), TOTAL))
        .then(() -> time.advanceTimeBy(TOTAL.minusMillis(1)))
        .then(() -> assertThat(reading).hasSize(1))
        .then(() -> time.advanceTimeBy(Duration.ofMillis(1)))
        .verifyError(TimeoutException.class);
    read();
    assertThat(deadlines.size()).isZero();
  }
}
