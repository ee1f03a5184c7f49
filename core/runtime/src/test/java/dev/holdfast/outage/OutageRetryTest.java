package dev.holdfast.outage;

import static dev.holdfast.outage.Rig.GREET;
import static dev.holdfast.outage.Rig.badKey;
import static dev.holdfast.outage.Rig.busy;
import static dev.holdfast.outage.Rig.html;
import static dev.holdfast.outage.Rig.noSuch;
import static dev.holdfast.outage.Rig.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** The companion of {@code retryWhen}. */
@Timeout(60)
class OutageRetryTest {

  private static final Channel UPDATE = Channel.update();

  private static <T> Mono<T> retried(Rig rig, Channel channel, Supplier<Mono<T>> call) {
    return rig.signal.call(channel, Mono.defer(call)).retryWhen(rig.signal.retry(channel));
  }

  /** Fails as told, then answers. */
  private static Supplier<Mono<String>> failing(int times, ServerFailure failure) {
    AtomicInteger calls = new AtomicInteger();
    return () -> calls.incrementAndGet() <= times ? Mono.error(failure) : Mono.just("sent");
  }

  private static StepVerifier.FirstStep<String> verify(Rig rig, Mono<String> call) {
    return StepVerifier.withVirtualTime(() -> call, () -> rig.clock.time, Long.MAX_VALUE);
  }

  @Test
  void inAnOutageTheGateWaitsAndTheDelaysAreTheOutages() {
    Rig rig = Rig.never();
    verify(rig, retried(rig, UPDATE, failing(4, refused())))
        .expectSubscription()
        .expectNoEvent(Duration.ofMillis(2_000 + 4_000 + 8_000 + 9_999))
        .thenAwait(Duration.ofMillis(1))
        .expectNext("sent")
        .verifyComplete();
    rig.close();
  }

  @Test
  void onItsOwnChannelItBacksOffByItself() {
    Rig rig = Rig.never();
    verify(rig, retried(rig, GREET, failing(3, html())))
        .expectSubscription()
        .expectNoEvent(Duration.ofMillis(2_000 + 4_000 + 7_999))
        .thenAwait(Duration.ofMillis(1))
        .expectNext("sent")
        .verifyComplete();
    rig.close();
  }

  @Test
  void aFailingChannelHoldsUpNoOther() {
    try (Rig rig = Rig.never()) {
      retried(rig, GREET, failing(100, badKey())).subscribe();
      List<String> sent = new ArrayList<>();
      retried(rig, UPDATE, failing(0, html())).subscribe(sent::add);
      assertThat(sent).hasSize(1);
    }
  }

  @Test
  void oneResultThatFailsBacksOffThoughOthersGetThrough() {
    try (Rig rig = Rig.never()) {
      AtomicInteger calls = new AtomicInteger();
      retried(
              rig,
              UPDATE,
              () -> {
                calls.incrementAndGet();
                return Mono.error(html());
              })
          .subscribe();
      for (int second = 0; second < 100; second++) {
        rig.pass(1);
        rig.answer(UPDATE);
      }
      assertThat(calls).hasValueBetween(11, 13);
    }
  }

  @Test
  void whatTheServerAsksForIsHonouredOnAChannelToo() {
    Rig rig = Rig.never();
    ServerFailure later = html().withRetryAfter(Duration.ofSeconds(30));
    verify(rig, retried(rig, GREET, failing(1, later)))
        .expectSubscription()
        .expectNoEvent(Duration.ofSeconds(30))
        .thenAwait(Duration.ofSeconds(1))
        .expectNext("sent")
        .verifyComplete();
    rig.close();
  }

  @Test
  void aRejectedResultIsNotRepeatedAndARejectedPollIs() {
    try (Rig rig = Rig.never()) {
      ServerFailure rejected = noSuch();
      List<Object> ends = new ArrayList<>();
      retried(rig, UPDATE, failing(1, rejected)).subscribe(ends::add, ends::add);
      retried(rig, Channel.lease(), failing(1, rejected)).subscribe(ends::add, ends::add);
      assertThat(ends).containsExactly(rejected, rejected);
      retried(rig, GREET, failing(1, rejected)).subscribe(ends::add, ends::add);
      rig.pass(2);
      assertThat(ends).endsWith("sent");
    }
  }

  @Test
  void aBugIsPassedOnUnchanged() {
    Rig rig = Rig.never();
    verify(rig, retried(rig, GREET, () -> Mono.error(new IllegalStateException("bug"))))
        .verifyErrorMessage("bug");
    rig.close();
  }

  @Test
  void itErrorsWhenTheSignalGivesUp() {
    Rig rig = Rig.limited(10);
    verify(rig, retried(rig, UPDATE, failing(100, refused())))
        .thenAwait(Duration.ofSeconds(30))
        .verifyError(GaveUpException.class);
    rig.close();
  }

  @Test
  void aWaitOfItsOwnEndsAtOnceWhenAnotherCallMakesTheSignalGiveUp() {
    try (Rig rig = Rig.limited(10)) {
      List<Throwable> errors = new ArrayList<>();
      retried(rig, UPDATE, failing(100, html().withRetryAfter(Duration.ofSeconds(60))))
          .subscribe(sent -> {}, errors::add);
      rig.fail(GREET, refused());
      rig.pass(11);
      rig.fail(GREET, refused());
      assertThat(errors).hasSize(1).first().isInstanceOf(GaveUpException.class);
    }
  }

  @Test
  void shutdownWakesThePollerThatBacksOff() {
    for (ServerFailure failure : List.of(html(), refused(), busy())) {
      try (Rig rig = Rig.never()) {
        AtomicInteger calls = new AtomicInteger();
        List<String> ends = new ArrayList<>();
        retried(
                rig,
                GREET,
                () -> {
                  calls.incrementAndGet();
                  return Mono.error(failure);
                })
            .subscribe(sent -> {}, error -> ends.add("error"), () -> ends.add("complete"));
        assertThat(ends).isEmpty();
        rig.signal.stopPolls();
        assertThat(ends).containsExactly("complete");
        assertThat(calls).hasValue(1);
      }
    }
  }

  @Test
  void closingEndsUpdatesThatBackOff() {
    for (ServerFailure failure : List.of(html(), refused())) {
      try (Rig rig = Rig.never()) {
        List<String> ends = new ArrayList<>();
        retried(rig, UPDATE, failing(100, failure))
            .subscribe(sent -> {}, error -> ends.add("error"), () -> ends.add("complete"));
        rig.signal.stopPolls();
        assertThat(ends).isEmpty();
        rig.signal.close();
        assertThat(ends).containsExactly("complete");
      }
    }
  }

  @Test
  void withoutAGateItNeitherSpinsNorOutlivesAStop() {
    try (Rig rig = Rig.never()) {
      rig.fail(GREET, refused());
      AtomicInteger calls = new AtomicInteger();
      List<Throwable> errors = new ArrayList<>();
      Mono.defer(
              () -> {
                calls.incrementAndGet();
                return Mono.error(refused());
              })
          .retryWhen(rig.signal.retry(GREET))
          .subscribe(nothing -> {}, errors::add);
      rig.pass(600);
      assertThat(calls).hasValueLessThan(80);
      rig.signal.close();
      assertThat(errors).hasSize(1).first().isInstanceOf(ServerFailure.class);
    }
  }

  @Test
  void itsStateBelongsToTheSubscription() {
    try (Rig rig = Rig.never()) {
      AtomicInteger calls = new AtomicInteger();
      List<String> sent = new ArrayList<>();
      Mono<String> twice =
          retried(
              rig,
              GREET,
              () -> calls.incrementAndGet() % 3 == 0 ? Mono.just("sent") : Mono.error(html()));
      for (int subscription = 0; subscription < 3; subscription++) {
        twice.subscribe(sent::add);
        rig.pass(5.9);
        assertThat(sent).hasSize(subscription);
        rig.pass(0.1);
        assertThat(sent).hasSize(subscription + 1);
      }
    }
  }

  @Test
  void aPollerLivesThroughThousandsOfFailuresAndIsNeverFasterThanItsDelay() {
    try (Rig rig = Rig.never()) {
      AtomicInteger calls = new AtomicInteger();
      boolean[] stopped = {false};
      Flux<String> polls =
          Flux.defer(
                  () ->
                      retried(
                          rig,
                          GREET,
                          () -> {
                            calls.incrementAndGet();
                            return Mono.<String>error(noSuch());
                          }))
              .repeat(() -> !stopped[0]);
      polls.subscribe();
      rig.pass(20_000);
      stopped[0] = true;
      assertThat(calls).hasValueBetween(2_000, 2_005);
    }
  }
}
