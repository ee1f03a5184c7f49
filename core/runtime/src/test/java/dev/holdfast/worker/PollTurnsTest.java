package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.Polled;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

@Timeout(30)
class PollTurnsTest {

  private static final int PLENTY = 10_000;

  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  private final List<PollTicket> tickets = new ArrayList<>();
  private final Lane lane = Lanes.of("greet", 10);

  private PollTurns turns(int slots, int outboxCapacity) {
    return new PollTurns(List.of(lane), slots, outboxCapacity, time);
  }

  private Disposable ask(PollTurns turns, Lane asking) {
    return turns.next(asking).subscribe(tickets::add);
  }

  private PollTicket turn(PollTurns turns) {
    int before = tickets.size();
    ask(turns, lane);
    assertThat(tickets).hasSize(before + 1);
    return tickets.get(before);
  }

  private void receive(PollTicket ticket, int tasks) {
    for (int task = 0; task < tasks; task++) {
      Polled polled = new Polled.Leased(Task.builder("t" + task, "greet").build());
      assertThat(ticket.lease(polled, "west", 0).placed())
          .isEqualTo(ticket.received() <= ticket.count);
    }
  }

  @Test
  void reservesAPlaceOfEachKindForAllThatAPollAsksFor() {
    PollTurns turns = turns(10, PLENTY);
    lane.hot = true;

    PollTicket ticket = turn(turns);

    assertThat(ticket.count).isEqualTo(10);
    assertThat(lane.free).hasValue(0);
    assertThat(turns.taken()).isEqualTo(10);
    assertThat(turns.outboxTaken()).isEqualTo(10);
  }

  @Test
  void getsThePlacesBackThatAPollDidNotUse() {
    PollTurns turns = turns(10, PLENTY);
    lane.hot = true;
    PollTicket ticket = turn(turns);
    receive(ticket, 3);

    ticket.close(false);
    ticket.close(false);

    assertThat(lane.free).hasValue(7);
    assertThat(turns.taken()).isEqualTo(3);
    assertThat(turns.outboxTaken()).isEqualTo(3);
  }

  @Test
  void getsTheSlotBackBeforeTheRoomInTheOutbox() {
    PollTurns turns = turns(10, PLENTY);
    PollTicket ticket = turn(turns);
    receive(ticket, 1);
    ticket.close(false);

    turns.freeSlot(lane);
    assertThat(turns.taken()).isZero();
    assertThat(lane.free).hasValue(10);
    assertThat(turns.outboxTaken()).isEqualTo(1);

    turns.freeOutbox();
    assertThat(turns.outboxTaken()).isZero();
  }

  @Test
  void doesNothingUntilItIsSubscribedTo() {
    PollTurns turns = turns(10, PLENTY);

    assertThat(turns.next(lane)).isNotNull();
    assertThat(turns.admit(lane)).isNotNull();

    assertThat(lane.waiting.get()).isNull();
    assertThat(turns.taken()).isZero();
  }

  @Test
  void wakesThePollerInNoTimeWhenASlotIsFreed() {
    PollTurns turns = turns(1, PLENTY);
    receive(turn(turns), 1);
    tickets.get(0).close(false);
    ask(turns, lane);
    time.advanceTimeBy(Duration.ofHours(1));
    assertThat(tickets).hasSize(1);

    turns.freeSlot(lane);

    assertThat(tickets).hasSize(2);
  }

  @Test
  void asksForNoMoreThanTheOutboxHasRoomFor() {
    PollTurns turns = turns(10, 2);
    lane.hot = true;
    PollTicket ticket = turn(turns);
    assertThat(ticket.count).isEqualTo(2);
    receive(ticket, 2);
    ticket.close(false);
    turns.freeSlot(lane);
    turns.freeSlot(lane);
    ask(turns, lane);
    assertThat(tickets).hasSize(1);

    turns.freeOutbox();

    assertThat(tickets).hasSize(2);
    assertThat(tickets.get(1).count).isEqualTo(1);
  }

  @Test
  void countsWhatAnEarlierRunLeftInTheOutbox() {
    PollTurns turns = turns(10, 2);
    turns.takeOutbox();
    turns.takeOutbox();
    turns.takeOutbox();
    ask(turns, lane);
    assertThat(turns.outboxTaken()).isEqualTo(3);

    turns.freeOutbox();
    assertThat(tickets).isEmpty();
    turns.freeOutbox();
    assertThat(tickets).hasSize(1);
  }

  @Test
  void letsALeaseBeyondWhatWasAskedForWaitForItsPlaceBeforeAnybodyPolls() {
    PollTurns turns = turns(1, PLENTY);
    PollTicket ticket = turn(turns);
    receive(ticket, 3);
    List<String> admitted = new ArrayList<>();
    turns.admit(lane).subscribe(place -> admitted.add("second " + place));
    turns.admit(lane).subscribe(place -> admitted.add("third " + place));
    ticket.close(false);
    ask(turns, lane);
    assertThat(admitted).containsExactly("third false");

    turns.freeSlot(lane);
    assertThat(admitted).containsExactly("third false", "second true");
    assertThat(tickets).hasSize(1);
    assertThat(turns.taken()).isEqualTo(1);

    turns.freeSlot(lane);
    assertThat(tickets).hasSize(2);
  }

  @Test
  void admitsInTheOrderInWhichTheyCame() {
    PollTurns turns = turns(3, PLENTY);
    lane.hot = true;
    PollTicket ticket = turn(turns);
    receive(ticket, 6);
    List<String> admitted = new ArrayList<>();
    for (String name : List.of("one", "two", "three")) {
      turns.admit(lane).subscribe(place -> admitted.add(name + " " + place));
    }
    ticket.close(false);
    assertThat(admitted).isEmpty();

    turns.freeSlot(lane);
    assertThat(admitted).containsExactly("one true");
    turns.freeSlot(lane);
    turns.freeSlot(lane);
    assertThat(admitted).containsExactly("one true", "two true", "three true");
    assertThat(turns.taken()).isEqualTo(3);
    assertThat(lane.free).hasValue(7);
  }

  @Test
  void refusesALeaseOnceAsManyWaitAsThereAreSlots() {
    PollTurns turns = turns(2, PLENTY);
    lane.hot = true;
    turn(turns);
    turns.admit(lane).subscribe();
    turns.admit(lane).subscribe();

    turns.admit(lane).as(StepVerifier::create).expectNext(false).verifyComplete();
  }

  @Test
  void letsALeaseOfATypeWithAFreeSlotPassOneWhoseTypeHasNone() {
    Lane narrow = Lanes.of("narrow", 1);
    PollTurns turns = new PollTurns(List.of(lane, narrow), 4, PLENTY, time);
    ask(turns, narrow);
    List<String> admitted = new ArrayList<>();
    turns.admit(narrow).subscribe(place -> admitted.add("narrow"));

    turns.admit(lane).subscribe(place -> admitted.add("greet"));

    assertThat(admitted).containsExactly("greet");
    turns.freeSlot(narrow);
    assertThat(admitted).containsExactly("greet", "narrow");
  }

  @Test
  void givesAPlaceThatWasTakenBeyondAllBoundsBackLikeAnyOther() {
    PollTurns turns = turns(1, PLENTY);
    turns.takeBeyond(lane);
    turns.takeBeyond(lane);
    ask(turns, lane);
    assertThat(turns.taken()).isEqualTo(2);

    turns.freeSlot(lane);
    assertThat(tickets).isEmpty();
    turns.freeSlot(lane);
    assertThat(tickets).hasSize(1);
  }

  @Test
  void dismissesWhoeverWaitsWhenPollingEnds() {
    Lane other = Lanes.of("other", 10);
    PollTurns turns = new PollTurns(List.of(lane, other), 1, PLENTY, time);
    turn(turns);
    List<Boolean> admitted = new ArrayList<>();
    turns.admit(lane).subscribe(admitted::add);

    turns
        .next(other)
        .as(StepVerifier::create)
        .expectSubscription()
        .then(turns::close)
        .verifyComplete();

    assertThat(turns.isClosed()).isTrue();
    assertThat(admitted).containsExactly(false);
  }

  @Test
  void givesNobodyATurnOrAPlaceOncePollingHasEnded() {
    PollTurns turns = turns(10, PLENTY);
    turns.close();

    turns.next(lane).as(StepVerifier::create).verifyComplete();
    turns.admit(lane).as(StepVerifier::create).expectNext(false).verifyComplete();
    assertThat(turns.taken()).isZero();
  }

  @Test
  void stillCountsWhatIsGivenBackAfterPollingHasEnded() {
    PollTurns turns = turns(10, PLENTY);
    PollTicket ticket = turn(turns);
    receive(ticket, 1);

    turns.close();
    ticket.close(false);
    turns.freeSlot(lane);
    turns.freeOutbox();

    assertThat(turns.taken()).isZero();
    assertThat(turns.outboxTaken()).isZero();
  }

  @Test
  void reservesNothingForAWaiterThatWasCancelled() {
    PollTurns turns = turns(1, PLENTY);
    PollTicket ticket = turn(turns);
    Disposable waiter = ask(turns, lane);

    waiter.dispose();
    ticket.close(false);

    assertThat(lane.waiting.get()).isNull();
    assertThat(turns.taken()).isZero();
  }

  @Test
  void boundsTheWaitingPollsByEightAndGivesOverdueTypesAShortPoll() {
    List<Lane> lanes = Lanes.of(20, 100);
    PollTurns turns = new PollTurns(lanes, 100, PLENTY, time);
    lanes.forEach(asking -> ask(turns, asking));
    assertThat(tickets).hasSize(20);
    assertThat(tickets.stream().filter(PollTicket::isScout)).hasSize(8);
    List<PollTicket> shortPolls = tickets.stream().filter(ticket -> !ticket.isScout()).toList();
    tickets.clear();
    shortPolls.forEach(ticket -> ticket.close(false));
    shortPolls.forEach(ticket -> ask(turns, ticket.lane));

    time.advanceTimeBy(Duration.ofMillis(1_899));
    assertThat(tickets).isEmpty();
    time.advanceTimeBy(Duration.ofMillis(1));
    assertThat(tickets).hasSize(12).noneMatch(PollTicket::isScout);
  }

  @Test
  void boundsTheWaitingPollsByHalfTheSlots() {
    List<Lane> lanes = Lanes.of(20, 6);
    PollTurns turns = new PollTurns(lanes, 6, PLENTY, time);

    lanes.forEach(asking -> ask(turns, asking));

    assertThat(tickets.stream().filter(PollTicket::isScout)).hasSize(3);
  }

  @Test
  void letsTheNextScoutOutWhenOneReturns() {
    List<Lane> lanes = Lanes.of(2, 2);
    PollTurns turns = new PollTurns(lanes, 2, PLENTY, time);
    lanes.forEach(asking -> ask(turns, asking));
    assertThat(tickets).extracting(PollTicket::isScout).containsExactly(true, false);
    tickets.get(1).close(false);
    ask(turns, lanes.get(1));
    assertThat(tickets).hasSize(2);

    tickets.get(0).close(false);

    assertThat(tickets).hasSize(3);
    assertThat(tickets.get(2).isScout()).isTrue();
  }

  @Test
  void asksAgainAfterThePauseThatAnEarlyEmptyAnswerCosts() {
    PollTurns turns = turns(10, PLENTY);
    turn(turns).close(false);
    ask(turns, lane);

    time.advanceTimeBy(Duration.ofMillis(49));
    assertThat(tickets).hasSize(1);
    time.advanceTimeBy(Duration.ofMillis(1));
    assertThat(tickets).hasSize(2);
  }

  /** Lets the lane's next poll bring all that it asks for. */
  private void fill(PollTurns turns) {
    PollTicket ticket = turn(turns);
    receive(ticket, ticket.count);
    ticket.close(false);
    assertThat(ticket.lane).isSameAs(lane);
  }

  @Test
  void keepsTheSlotOfARecordedAttemptForTheNextTaskWhileThereIsABacklog() {
    PollTurns turns = turns(2, PLENTY);
    lane.hot = true;
    fill(turns);

    PollTicket next = turns.keepSlot(lane);

    assertThat(next).isNotNull();
    assertThat(turns.taken()).as("the slot stays taken").isEqualTo(2);
    assertThat(turns.outboxTaken()).as("room for the next result").isEqualTo(3);
    receive(next, 1);
    next.close(false);
    assertThat(turns.taken()).isEqualTo(2);
    assertThat(turns.outboxTaken()).isEqualTo(3);
    assertThat(lane.hot).isTrue();
  }

  @Test
  void aKeptSlotThatBringsNothingIsFreedAndEndsTheBacklog() {
    PollTurns turns = turns(2, PLENTY);
    lane.hot = true;
    fill(turns);
    PollTicket next = turns.keepSlot(lane);

    next.close(false);
    next.close(false);

    assertThat(turns.taken()).isEqualTo(1);
    assertThat(turns.outboxTaken()).isEqualTo(2);
    assertThat(lane.hot).isFalse();
    assertThat(turns.keepSlot(lane)).as("nothing more is asked for in vain").isNull();
  }

  @Test
  void keepsNoSlotWithoutABacklogOrRoomOrAfterTheEndOfPolling() {
    PollTurns turns = turns(2, 2);
    lane.hot = true;
    fill(turns);
    assertThat(turns.keepSlot(lane)).as("no room in the outbox").isNull();
    assertThat(turns.outboxTaken()).isEqualTo(2);
    turns.freeOutbox();

    lane.hot = false;
    assertThat(turns.keepSlot(lane)).as("no backlog").isNull();
    lane.hot = true;
    turns.close();
    assertThat(turns.keepSlot(lane)).as("polling has ended").isNull();
    assertThat(turns.outboxTaken()).isEqualTo(1);
  }

  @Test
  void keepsNoSlotThatALeaseBeyondWhatWasAskedForWaitsFor() {
    PollTurns turns = turns(1, PLENTY);
    lane.hot = true;
    fill(turns);
    turns.admit(lane).subscribe();

    assertThat(turns.keepSlot(lane)).isNull();
  }

  @Test
  void keepsNoSlotThatAnotherTypeIsDueFor() {
    Lane other = Lanes.of("other", 10);
    PollTurns turns = new PollTurns(List.of(lane, other), 2, PLENTY, time);
    lane.hot = true;
    ask(turns, other);
    tickets.get(0).close(false);
    fill(turns);
    ask(turns, other);

    assertThat(turns.keepSlot(lane)).as("the other was asked just now").isNotNull();
    time.advanceTimeBy(Duration.ofMillis(60));
    assertThat(turns.keepSlot(lane)).as("the other is due").isNull();
    other.hot = true;
    assertThat(turns.keepSlot(lane)).as("the other has a backlog, too").isNull();
  }
}
