package dev.holdfast.outage;

import static dev.holdfast.outage.Rig.BILL;
import static dev.holdfast.outage.Rig.GREET;
import static dev.holdfast.outage.Rig.noSuch;
import static dev.holdfast.outage.Rig.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.outage.Rig.Caller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Who may call, and when. */
@Timeout(60)
class OutageGateTest {

  private static final Channel UPDATE = Channel.update();
  private static final Channel LEASE = Channel.lease();

  @Test
  void whileHealthyEverybodyPassesAtOnce() {
    try (Rig rig = Rig.never()) {
      for (Channel channel : List.of(GREET, UPDATE, LEASE, Channel.probe())) {
        Caller caller = rig.ask(channel);
        assertThat(caller.pass().begin()).isTrue();
        assertThat(caller.pass().isProbe()).isFalse();
      }
    }
  }

  @Test
  void inAnOutageOneProbesAndTheOthersWait() {
    try (Rig rig = Rig.never()) {
      rig.fail(GREET, refused());
      List<Caller> callers = List.of(rig.ask(GREET), rig.ask(GREET), rig.ask(GREET));
      rig.pass(1.9);
      assertThat(callers).allMatch(caller -> caller.passes.isEmpty());
      rig.pass(0.1);
      assertThat(callers).extracting(caller -> caller.passes.size()).containsExactly(1, 0, 0);
      assertThat(callers.get(0).pass().isProbe()).isTrue();
      assertThat(callers.get(0).pass().begin()).isTrue();
      rig.pass(19);
      assertThat(callers).extracting(caller -> caller.passes.size()).containsExactly(1, 0, 0);
      assertThat(((OutageState.Outage) rig.signal.state()).nextProbe()).isZero();
    }
  }

  @Test
  void theMostUrgentCallThatWaitsIsTheProbe() {
    try (Rig rig = Rig.never(GREET, BILL)) {
      rig.fail(GREET, refused());
      List<Caller> callers = new ArrayList<>();
      for (Channel channel : List.of(Channel.probe(), GREET, BILL, UPDATE, LEASE, UPDATE)) {
        callers.add(rig.ask(channel));
      }
      List<Integer> order = new ArrayList<>();
      while (order.size() < callers.size()) {
        rig.pass(0.5);
        for (int i = 0; i < callers.size(); i++) {
          if (callers.get(i).passes.size() == 1 && !order.contains(i)) {
            order.add(i);
            assertThat(callers.get(i).pass().begin()).isTrue();
            callers.get(i).pass().failed(refused());
          }
        }
      }
      assertThat(order).containsExactly(4, 3, 5, 1, 2, 0);
    }
  }

  @Test
  void aProbeThatFailsIsFollowedByTheNextAfterTheDelay() {
    try (Rig rig = Rig.never()) {
      rig.fail(GREET, refused());
      Caller first = rig.ask(GREET);
      Caller second = rig.ask(GREET);
      rig.pass(2);
      first.pass().begin();
      assertThat(first.pass().failed(refused()).delay()).hasSeconds(4);
      rig.pass(3.9);
      assertThat(second.passes).isEmpty();
      rig.pass(0.1);
      assertThat(second.passes).hasSize(1);
    }
  }

  @Test
  void whoeverComesWhenTheProbeIsDueAlreadyIsTheProbeAtOnce() {
    try (Rig rig = Rig.never()) {
      rig.fail(GREET, refused());
      rig.pass(600);
      assertThat(rig.ask(GREET).pass().isProbe()).isTrue();
      assertThat(rig.ask(GREET).passes).isEmpty();
    }
  }

  @Test
  void theTimeHeldByACancelledProbeGoesToTheNextAtOnce() {
    try (Rig rig = Rig.never()) {
      rig.fail(GREET, refused());
      Caller first = rig.ask(LEASE);
      Caller second = rig.ask(GREET);
      Caller third = rig.ask(GREET);
      rig.pass(2);
      first.pass().begin();
      first.pass().report(Mono.never()).subscribe().dispose();
      assertThat(second.passes).hasSize(1);
      second.pass().close();
      second.pass().close();
      assertThat(third.passes).hasSize(1);
      assertThat(second.pass().begin()).isFalse();
    }
  }

  @Test
  void aProbeThatIsCancelledBeforeItIsBegunGivesItsPermitBack() {
    try (Rig rig = Rig.never()) {
      rig.fail(GREET, refused());
      Sinks.Empty<Void> slow = Sinks.empty();
      reactor.core.Disposable first =
          rig.signal.pass(LEASE).delayUntil(pass -> slow.asMono()).subscribe();
      Caller second = rig.ask(GREET);
      rig.pass(2);
      assertThat(second.passes).isEmpty();
      first.dispose();
      assertThat(second.passes).hasSize(1);
    }
  }

  @Test
  void aProbeThatIsNotBegunGivesWayToOneThatCan() {
    try (Rig rig = Rig.never()) {
      rig.fail(GREET, refused());
      Caller idle = rig.ask(LEASE);
      Caller second = rig.ask(GREET);
      rig.pass(2.9);
      assertThat(second.passes).isEmpty();
      rig.pass(0.1);
      assertThat(second.pass().isProbe()).isTrue();
      assertThat(idle.pass().begin()).isFalse();
      assertThat(second.pass().begin()).isTrue();
    }
  }

  @Test
  void aProbeThatHangsGivesWayAtItsDeadlineAndItsLateFailureCountsNoLess() {
    try (Rig rig = Rig.of(spec -> spec.probeTimeout(Duration.ofSeconds(7)))) {
      rig.fail(GREET, refused());
      Caller hung = rig.ask(LEASE);
      Caller second = rig.ask(GREET);
      rig.pass(2);
      hung.pass().begin();
      rig.pass(6.9);
      assertThat(second.passes).isEmpty();
      rig.pass(0.1);
      assertThat(second.passes).hasSize(1);
      second.pass().begin();
      hung.pass().succeeded();
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Ramping.class);
    }
  }

  @Test
  void aWaiterThatLeavesIsForgotten() {
    try (Rig rig = Rig.never()) {
      rig.fail(GREET, refused());
      Caller first = rig.ask(GREET);
      Caller second = rig.ask(GREET);
      first.wait.dispose();
      assertThat(rig.signal.waiting()).isEqualTo(1);
      rig.pass(2);
      assertThat(first.passes).isEmpty();
      assertThat(second.passes).hasSize(1);
      assertThat(rig.signal.waiting()).isZero();
    }
  }

  @Test
  void onRecoveryLeasesAndUpdatesGoAtOnceAndPollsAlongTheRamp() {
    Random random = new Random(7);
    try (Rig rig = Rig.of(spec -> spec.random(random::nextDouble))) {
      rig.fail(GREET, refused());
      Caller probe = rig.ask(LEASE);
      List<Caller> urgent = List.of(rig.ask(LEASE), rig.ask(UPDATE), rig.ask(Channel.probe()));
      List<Caller> polls = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        polls.add(rig.ask(GREET));
      }
      rig.pass(2);
      probe.pass().begin();
      probe.pass().succeeded();

      assertThat(urgent).allMatch(caller -> caller.passes.size() == 1);
      for (int second = 0; second < 5; second++) {
        long before = polls.stream().filter(caller -> !caller.passes.isEmpty()).count();
        rig.pass(1);
        long after = polls.stream().filter(caller -> !caller.passes.isEmpty()).count();
        assertThat(after - before).as("in second %s", second).isBetween(150L, 250L);
      }
      assertThat(polls).allMatch(caller -> caller.passes.size() == 1 && caller.pass().begin());
    }
  }

  @Test
  void whoComesOnTheRampWaitsForARandomMomentOfWhatIsLeft() {
    try (Rig rig = Rig.of(spec -> spec.random(() -> 0.5))) {
      rig.fail(GREET, refused());
      rig.pass(2);
      rig.answer(UPDATE);
      rig.pass(3);
      Caller late = rig.ask(GREET);
      rig.pass(0.9);
      assertThat(late.passes).isEmpty();
      rig.pass(0.1);
      assertThat(late.passes).hasSize(1);
    }
  }

  @Test
  void aPassFromBeforeAnOutageIsVoidInItAndAfterIt() {
    try (Rig rig = Rig.never()) {
      Caller one = rig.ask(GREET);
      Caller other = rig.ask(GREET);
      rig.fail(GREET, refused());
      assertThat(one.pass().begin()).isFalse();
      rig.pass(1);
      rig.answer(UPDATE);
      rig.pass(10);
      assertThat(other.pass().begin()).isFalse();
      assertThat(rig.ask(GREET).pass().begin()).isTrue();
    }
  }

  @Test
  void whoWasReleasedOnTheRampWaitsAgainIfTheOutageIsResumed() {
    try (Rig rig = Rig.never()) {
      rig.fail(GREET, refused());
      Caller update = rig.ask(UPDATE);
      rig.pass(1);
      rig.answer(LEASE);
      rig.fail(LEASE, refused());
      assertThat(update.pass().begin()).isFalse();
    }
  }

  @Test
  void givingUpEndsEveryWaitAtOnceWithWhyAndAllLaterOnes() {
    try (Rig rig = Rig.limited(10)) {
      rig.fail(GREET, refused());
      List<Throwable> ends = new ArrayList<>();
      rig.signal.gaveUp().subscribe(nothing -> {}, ends::add);
      List<Caller> callers = new ArrayList<>();
      rig.pass(11);
      Caller probe = rig.ask(LEASE);
      probe.pass().begin();
      for (Channel channel : List.of(GREET, UPDATE, LEASE)) {
        callers.add(rig.ask(channel));
      }
      GaveUpException why = probe.pass().failed(refused()).gaveUp();

      callers.add(rig.ask(GREET));
      assertThat(callers).allSatisfy(caller -> assertThat(caller.errors).containsExactly(why));
      assertThat(ends).containsExactly(why);
      assertThat(rig.signal.waiting()).isZero();
    }
  }

  @Test
  void closingEndsEveryWaitAtOnceAndEmpty() {
    try (Rig rig = Rig.never()) {
      rig.fail(GREET, refused());
      List<Caller> callers = List.of(rig.ask(GREET), rig.ask(UPDATE), rig.ask(LEASE));
      rig.signal.close();
      rig.signal.close();
      assertThat(callers)
          .allMatch(caller -> caller.ended && caller.passes.isEmpty() && caller.errors.isEmpty());
      assertThat(rig.ask(GREET).ended).isTrue();
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
      assertThat(rig.lines()).hasSize(1);
    }
  }

  @Test
  void stoppingPollsEndsTheirWaitsAtOnceAndNoOthers() {
    try (Rig rig = Rig.never()) {
      rig.fail(GREET, refused());
      Caller poll = rig.ask(GREET);
      Caller update = rig.ask(UPDATE);
      rig.signal.stopPolls();
      assertThat(poll.ended).isTrue();
      assertThat(rig.ask(GREET).ended).isTrue();
      assertThat(update.ended).isFalse();
      rig.pass(2);
      assertThat(update.pass().isProbe()).isTrue();
    }
  }

  @Test
  void stoppingPollsEndsThemWhileHealthyToo() {
    try (Rig rig = Rig.never()) {
      rig.signal.stopPolls();
      Caller poll = rig.ask(GREET);
      assertThat(poll.ended).isTrue();
      assertThat(poll.passes).isEmpty();
      assertThat(rig.ask(UPDATE).passes).hasSize(1);
    }
  }

  @Test
  void aCallIsMadeOnceItMayBeAndReported() {
    try (Rig rig = Rig.never()) {
      rig.fail(UPDATE, refused());
      List<String> made = new ArrayList<>();
      Mono<String> call = Mono.fromSupplier(() -> "sent").doOnNext(made::add);
      List<String> got = new ArrayList<>();
      rig.signal.call(UPDATE, call).subscribe(got::add);
      rig.signal.call(UPDATE, call).subscribe(got::add);
      assertThat(made).isEmpty();
      rig.pass(2);
      assertThat(got).hasSize(2);
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Ramping.class);
    }
  }

  @Test
  void anEmptyAnswerIsAnAnswerAndABugIsNone() {
    try (Rig rig = Rig.never()) {
      rig.fail(UPDATE, refused());
      List<Throwable> errors = new ArrayList<>();
      rig.signal
          .call(UPDATE, Mono.error(new IllegalStateException("bug")))
          .subscribe(nothing -> {}, errors::add);
      rig.pass(2);
      assertThat(errors).hasSize(1);
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Outage.class);
      rig.signal.call(UPDATE, Mono.empty()).subscribe();
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Ramping.class);
    }
  }

  @Test
  void aProbeThatIsRejectedIsAnAnswer() {
    try (Rig rig = Rig.never()) {
      rig.fail(UPDATE, refused());
      Caller probe = rig.ask(UPDATE);
      Caller other = rig.ask(LEASE);
      rig.pass(2);
      other.pass().begin();
      other.pass().failed(noSuch());
      assertThat(probe.passes).hasSize(1);
    }
  }

  @Test
  void theFirstResultCounts() {
    try (Rig rig = Rig.never()) {
      Pass pass = rig.ask(UPDATE).pass();
      assertThat(pass.begin()).isTrue();
      assertThat(pass.begin()).isFalse();
      pass.succeeded();
      pass.failed(refused());
      assertThat(rig.signal.isOpen()).isTrue();
    }
  }

  @Test
  void aCallThatBreaksInTheHandsOfTheGateLeavesItWorking() {
    try (Rig rig = Rig.never()) {
      rig.fail(UPDATE, refused());
      rig.signal
          .pass(LEASE)
          .subscribe(
              pass -> {
                throw new LinkageError("broken");
              });
      Caller second = rig.ask(UPDATE);
      assertThatThrownBy(() -> rig.answer(UPDATE)).isInstanceOf(LinkageError.class);
      rig.pass(0);
      assertThat(second.passes).hasSize(1);
    }
  }
}
