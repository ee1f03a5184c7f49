package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.util.RaceTestUtils;

/** Visits that end at awkward moments. */
@Timeout(60)
class SendGateRaceTest {

  @Test
  void losesNoPlaceIfAWaiterIsCancelledWhileItsTurnComes() {
    for (int round = 0; round < 5_000; round++) {
      SendGate gate = new SendGate(1);
      Sinks.Empty<Void> first = Sinks.empty();
      gate.pass(1, first::asMono).subscribe();
      Disposable waiter = gate.pass(1, Mono::never).subscribe();

      RaceTestUtils.race(waiter::dispose, first::tryEmitEmpty);

      assertThat(gate.places()).as("round %s", round).isEqualTo(1);
    }
  }

  @Test
  void losesNoPlaceIfItIsCancelledBeforeItIsAskedForAValue() {
    SendGate gate = new SendGate(1);

    StepVerifier.create(gate.pass(1, Mono::never), 0).thenCancel().verify();

    assertThat(gate.places()).isEqualTo(1);
  }
}
