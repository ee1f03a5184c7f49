package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

@Timeout(60)
class EachAtOnceTest {

  private final TestPublisher<Integer> source = TestPublisher.create();
  private final List<Sinks.One<Integer>> begun = new ArrayList<>();
  private final AtomicInteger cancelled = new AtomicInteger();
  private final Mono<Void> all =
      new EachAtOnce<>(
          source.flux(),
          n -> {
            Sinks.One<Integer> end = Sinks.one();
            begun.add(end);
            return end.asMono().doOnCancel(cancelled::incrementAndGet);
          });

  @Test
  void startsEachAtOnceAndCompletesWhenTheSourceAndAllWorkHave() {
    StepVerifier.create(all)
        .then(() -> source.next(1, 2, 3))
        .then(() -> assertThat(begun).hasSize(3))
        .then(source::complete)
        .then(() -> begun.get(2).tryEmitEmpty())
        .then(() -> begun.get(0).tryEmitEmpty())
        .expectNoEvent(Duration.ofMillis(20))
        .then(() -> begun.get(1).tryEmitEmpty())
        .verifyComplete();
  }

  @Test
  void anErrorOfOneCancelsTheOthersAndTheSource() {
    StepVerifier.create(all)
        .then(() -> source.next(1, 2, 3))
        .then(() -> begun.get(1).tryEmitError(new IllegalStateException("lost")))
        .verifyErrorMessage("lost");

    assertThat(cancelled).hasValue(2);
    source.assertCancelled();
  }

  @Test
  void anErrorOfTheSourceCancelsTheWork() {
    StepVerifier.create(all)
        .then(() -> source.next(1, 2))
        .then(() -> source.error(new IllegalStateException("gone")))
        .verifyErrorMessage("gone");

    assertThat(cancelled).hasValue(2);
  }

  @Test
  void aWorkThatCannotBeMadeIsAnError() {
    StepVerifier.create(
            new EachAtOnce<>(
                Flux.just(1),
                n -> {
                  throw new IllegalStateException("no");
                }))
        .verifyErrorMessage("no");
  }

  @Test
  void aCancelCancelsEverything() {
    StepVerifier.create(all).then(() -> source.next(1, 2)).thenCancel().verify();

    assertThat(cancelled).hasValue(2);
    source.assertCancelled();
  }

  @Test
  void itsContextIsSeenByTheSourceAndTheWork() {
    List<String> seen = new ArrayList<>();
    Flux<Integer> one =
        Flux.deferContextual(
            view -> {
              seen.add("source " + view.get("who"));
              return Flux.just(1);
            });
    new EachAtOnce<>(
            one,
            n ->
                Mono.deferContextual(
                    view -> {
                      seen.add("work " + view.get("who"));
                      return Mono.empty();
                    }))
        .contextWrite(view -> view.put("who", "me"))
        .as(StepVerifier::create)
        .verifyComplete();

    assertThat(seen).containsExactly("source me", "work me");
  }

  @Test
  void countsRightUnderManyThreads() {
    AtomicInteger done = new AtomicInteger();
    new EachAtOnce<>(
            Flux.range(0, 20_000),
            n ->
                Mono.<Integer>fromRunnable(done::incrementAndGet)
                    .subscribeOn(n % 2 == 0 ? Schedulers.parallel() : Schedulers.immediate()))
        .as(StepVerifier::create)
        .verifyComplete();

    assertThat(done).hasValue(20_000);
  }

  @Test
  void whatTheWorkEmitsIsWorkedOnAsWellBeforeItCompletes() {
    StepVerifier.create(all)
        .then(() -> source.next(1).complete())
        .then(() -> begun.get(0).tryEmitValue(2))
        .then(() -> assertThat(begun).hasSize(2))
        .expectNoEvent(Duration.ofMillis(20))
        .then(() -> begun.get(1).tryEmitEmpty())
        .verifyComplete();
  }

  @Test
  void aLongChainOfWorkThatBringsWorkKeepsNothingOfWhatIsOver() {
    AtomicInteger done = new AtomicInteger();
    new EachAtOnce<>(
            Flux.just(1),
            n ->
                Mono.fromCallable(() -> done.incrementAndGet() < 100_000 ? n + 1 : null)
                    .subscribeOn(Schedulers.single()))
        .as(StepVerifier::create)
        .verifyComplete();

    assertThat(done).hasValue(100_000);
  }
}
