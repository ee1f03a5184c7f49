package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

@Timeout(60)
class SendGateTest {

  private final List<String> entered = new ArrayList<>();

  /** A call that says that it began and ends when it is told. */
  private Mono<Void> call(String name, Sinks.Empty<Void> end) {
    return end.asMono().doOnSubscribe(s -> entered.add(name));
  }

  private static void assertThatNobodyWaitsAt(SendGate gate) {
    assertThat(gate.isDeserted()).isTrue();
  }

  @Test
  void letsNoMoreInThanThereArePlacesUnderManyThreads() {
    int places = 4;
    int calls = 4_000;
    SendGate gate = new SendGate(places);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Mono<Integer> call =
        Mono.fromSupplier(() -> most.accumulateAndGet(inside.incrementAndGet(), Math::max))
            .publishOn(Schedulers.parallel())
            .doOnNext(seen -> inside.decrementAndGet());

    Flux.range(0, calls)
        .flatMap(n -> gate.pass(n % 7, () -> call).subscribeOn(Schedulers.boundedElastic()), 64)
        .as(StepVerifier::create)
        .expectNextCount(calls)
        .verifyComplete();

    assertThat(most).hasValueLessThanOrEqualTo(places);
    assertThat(gate.places()).isEqualTo(places);
    assertThatNobodyWaitsAt(gate);
  }

  @Test
  void letsAsManyInAsThereArePlaces() {
    SendGate gate = new SendGate(3);
    for (String name : List.of("one", "two", "three", "four")) {
      gate.pass(1, () -> call(name, Sinks.empty())).subscribe();
    }

    assertThat(entered).containsExactly("one", "two", "three");
    assertThat(gate.places()).isZero();
  }

  @Test
  void letsWhoeverIsMostUrgentInFirstAndAmongEqualsWhoeverCameFirst() {
    SendGate gate = new SendGate(1);
    Sinks.Empty<Void> first = Sinks.empty();
    gate.pass(100, () -> call("first", first)).subscribe();
    Sinks.Empty<Void> now = Sinks.empty();
    now.tryEmitEmpty();
    gate.pass(5, () -> call("5a", now)).subscribe();
    gate.pass(Long.MAX_VALUE, () -> call("last", now)).subscribe();
    gate.pass(1, () -> call("1a", now)).subscribe();
    gate.pass(5, () -> call("5b", now)).subscribe();
    gate.pass(1, () -> call("1b", now)).subscribe();
    gate.pass(Long.MIN_VALUE, () -> call("most urgent", now)).subscribe();
    assertThat(entered).containsExactly("first");

    first.tryEmitEmpty();

    assertThat(entered).containsExactly("first", "most urgent", "1a", "1b", "5a", "5b", "last");
    assertThat(gate.places()).isEqualTo(1);
  }

  @Test
  void takesNoPlaceBeforeItIsSubscribedTo() {
    SendGate gate = new SendGate(1);

    assertThat(gate.pass(1, () -> Mono.never())).isNotNull();

    assertThat(gate.places()).isEqualTo(1);
  }

  @Test
  void getsItsPlaceBackAfterASuccess() {
    SendGate gate = new SendGate(1);

    gate.pass(1, () -> Mono.just("sent"))
        .as(StepVerifier::create)
        .expectNext("sent")
        .verifyComplete();
    gate.pass(1, () -> Mono.empty()).as(StepVerifier::create).verifyComplete();

    assertThat(gate.places()).isEqualTo(1);
  }

  @Test
  void getsItsPlaceBackAfterAnError() {
    SendGate gate = new SendGate(1);

    gate.pass(1, () -> Mono.error(new IllegalStateException("no")))
        .as(StepVerifier::create)
        .verifyErrorMessage("no");

    assertThat(gate.places()).isEqualTo(1);
  }

  @Test
  void getsItsPlaceBackAfterACancelInside() {
    SendGate gate = new SendGate(1);
    Disposable inside = gate.pass(1, () -> Mono.never()).subscribe();
    assertThat(gate.places()).isZero();

    inside.dispose();

    assertThat(gate.places()).isEqualTo(1);
  }

  @Test
  void getsThePlaceOfAWaiterThatEnteredLaterBackAsWell() {
    SendGate gate = new SendGate(1);
    Sinks.Empty<Void> first = Sinks.empty();
    gate.pass(1, () -> call("first", first)).subscribe();
    Disposable second = gate.pass(1, () -> call("second", Sinks.empty())).subscribe();
    first.tryEmitEmpty();
    assertThat(entered).containsExactly("first", "second");
    assertThat(gate.places()).isZero();

    second.dispose();

    assertThat(gate.places()).isEqualTo(1);
  }

  @Test
  void forgetsAWaiterThatIsCancelled() {
    SendGate gate = new SendGate(1);
    Sinks.Empty<Void> first = Sinks.empty();
    gate.pass(1, () -> call("first", first)).subscribe();
    Disposable second = gate.pass(1, () -> call("second", Sinks.empty())).subscribe();
    gate.pass(2, () -> call("third", Sinks.empty())).subscribe();

    second.dispose();
    first.tryEmitEmpty();

    assertThat(entered).containsExactly("first", "third");
    assertThatNobodyWaitsAt(gate);
  }

  @Test
  void aLongRowThatLeavesAtOnceIsNoDeepStack() {
    SendGate gate = new SendGate(1);
    Sinks.Empty<Void> first = Sinks.empty();
    gate.pass(0, () -> call("first", first)).subscribe();
    AtomicInteger made = new AtomicInteger();
    for (int n = 0; n < 50_000; n++) {
      gate.pass(1, () -> Mono.fromRunnable(made::incrementAndGet)).subscribe();
    }

    first.tryEmitEmpty();

    assertThat(made).hasValue(50_000);
    assertThat(gate.places()).isEqualTo(1);
  }

  @Test
  void forgetsAnyWaiterThatIsCancelledWhereverItStands() {
    SendGate gate = new SendGate(1);
    Sinks.Empty<Void> first = Sinks.empty();
    gate.pass(1, () -> call("first", first)).subscribe();
    List<Disposable> waiting = new ArrayList<>();
    for (int urgency : new int[] {5, 9, 7, 2, 9}) {
      waiting.add(gate.pass(urgency, () -> call("u" + urgency, Sinks.empty())).subscribe());
    }

    waiting.get(1).dispose();
    waiting.get(3).dispose();
    first.tryEmitEmpty();
    waiting.get(0).dispose();

    assertThat(entered).containsExactly("first", "u5", "u7");
  }
}
