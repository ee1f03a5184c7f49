package dev.holdfast.outage;

import static dev.holdfast.outage.Rig.BILL;
import static dev.holdfast.outage.Rig.GREET;
import static dev.holdfast.outage.Rig.busy;
import static dev.holdfast.outage.Rig.noSuch;
import static dev.holdfast.outage.Rig.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

/** What observers are told. */
@Timeout(60)
class OutageStatesTest {

  @Test
  void theCurrentStateComesFirstThenEachChange() {
    try (Rig rig = Rig.limited(10, GREET, BILL)) {
      List<OutageState> seen = new ArrayList<>();
      rig.signal.states().subscribe(seen::add);
      rig.fail(GREET, refused());
      rig.pass(2);
      rig.fail(GREET, busy());
      rig.pass(2);
      rig.answer(GREET);
      rig.pass(5);
      rig.fail(BILL, noSuch());
      rig.fail(BILL, noSuch());
      rig.answer(BILL);
      rig.fail(GREET, refused());
      rig.pass(11);
      rig.fail(GREET, refused());

      assertThat(seen)
          .extracting(state -> state.getClass().getSimpleName() + state.degraded().keySet())
          .containsExactly(
              "Healthy[]",
              "Outage[]",
              "Outage[]",
              "Ramping[]",
              "Healthy[]",
              "Healthy[polls of bill]",
              "Healthy[]",
              "Outage[]",
              "GaveUp[]");
    }
  }

  @Test
  void anOutageTellsAllThatACountdownNeeds() {
    try (Rig rig = Rig.limited(120)) {
      rig.pass(5);
      rig.fail(GREET, refused());
      rig.pass(2);
      rig.fail(GREET, busy());
      rig.pass(1);
      OutageState.Outage outage = (OutageState.Outage) rig.signal.state();
      assertThat(outage.kind()).isEqualTo(Kind.OVERLOADED);
      assertThat(outage.lasting()).hasSeconds(3);
      assertThat(outage.elapsed()).hasSeconds(3);
      assertThat(outage.limit()).hasSeconds(120);
      assertThat(outage.attempts()).isEqualTo(2);
      assertThat(outage.last()).hasMessage("503 Service Unavailable");
      assertThat(outage.nextProbe()).hasSeconds(3);
      rig.answer(GREET);
      rig.pass(1);
      assertThat(rig.signal.state())
          .isEqualTo(
              new OutageState.Ramping(
                  Duration.ofSeconds(3), 2, Duration.ofSeconds(4), java.util.Map.of()));
    }
  }

  @Test
  void aSlowSubscriberGetsTheNewest() {
    try (Rig rig = Rig.never()) {
      StepVerifier.create(rig.signal.states(), 1)
          .expectNextMatches(state -> state instanceof OutageState.Healthy)
          .then(
              () -> {
                for (int i = 0; i < 10_000; i++) {
                  rig.fail(GREET, refused());
                  rig.pass(10);
                }
                rig.answer(GREET);
              })
          .thenRequest(1)
          .expectNextMatches(state -> state instanceof OutageState.Ramping)
          .thenCancel()
          .verify();
    }
  }

  @Test
  void oneThatThrowsDisturbsNobody() {
    try (Rig rig = Rig.never()) {
      List<OutageState> seen = new ArrayList<>();
      rig.signal
          .states()
          .skip(1)
          .subscribe(
              state -> {
                throw new IllegalStateException("observer");
              },
              error -> {});
      rig.signal.states().subscribe(seen::add);
      rig.fail(GREET, refused());
      rig.pass(2);
      rig.answer(GREET);
      assertThat(seen).hasSize(3);
    }
  }

  @Test
  void oneThatLeavesIsForgotten() {
    try (Rig rig = Rig.never()) {
      List<OutageState> seen = new ArrayList<>();
      Disposable subscription = rig.signal.states().subscribe(seen::add);
      subscription.dispose();
      rig.fail(GREET, refused());
      assertThat(seen).hasSize(1);
    }
  }

  @Test
  void anObserverMayCallTheSignal() {
    try (Rig rig = Rig.never()) {
      List<OutageState> seen = new ArrayList<>();
      rig.signal
          .states()
          .doOnNext(seen::add)
          .subscribe(
              state -> {
                if (state instanceof OutageState.Outage) {
                  rig.answer(GREET);
                }
              });
      rig.fail(GREET, refused());
      assertThat(seen)
          .extracting(state -> state.getClass().getSimpleName())
          .containsExactly("Healthy", "Outage", "Ramping");
    }
  }
}
