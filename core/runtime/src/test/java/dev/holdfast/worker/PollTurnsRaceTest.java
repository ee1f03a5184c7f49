package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.Polled;
import dev.holdfast.task.Task;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.util.RaceTestUtils;

/** Turns asked for and places given back on many threads. */
@Timeout(60)
class PollTurnsRaceTest {

  private static final int SLOTS = 6;
  private static final int OUTBOX = 5;
  private static final int ROUNDS = 300;

  private final AtomicInteger held = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  @Test
  void neverGivesMorePlacesThanThereAreAndGetsAllBack() {
    List<Lane> lanes = Lanes.of(8, 3);
    PollTurns turns = new PollTurns(lanes, SLOTS, OUTBOX, Schedulers.parallel());

    Flux.fromIterable(lanes)
        .flatMap(
            lane ->
                Flux.defer(() -> turns.next(lane))
                    .publishOn(Schedulers.parallel())
                    .concatMap(ticket -> poll(turns, ticket))
                    .repeat(ROUNDS - 1)
                    .subscribeOn(Schedulers.parallel()))
        .as(StepVerifier::create)
        .expectNextCount(8L * ROUNDS)
        .verifyComplete();

    assertThat(most).hasValueLessThanOrEqualTo(OUTBOX).hasValueGreaterThan(0);
    assertThat(turns.taken()).isZero();
    assertThat(turns.outboxTaken()).isZero();
    assertThat(lanes).allMatch(lane -> lane.free.get() == 3);
  }

  private Mono<Integer> poll(PollTurns turns, PollTicket ticket) {
    most.accumulateAndGet(held.addAndGet(ticket.count), Math::max);
    for (int task = 0; task < ticket.count; task++) {
      ticket.lease(new Polled.Leased(Task.builder("t", "greet").build()), "west", 0);
    }
    ticket.close(false);
    return Flux.range(0, ticket.count)
        .publishOn(Schedulers.parallel())
        .doOnNext(
            task -> {
              held.decrementAndGet();
              turns.freeSlot(ticket.lane);
              turns.freeOutbox();
            })
        .count()
        .map(Long::intValue);
  }

  @Test
  void losesNoWaiterWhenASlotIsFreedWhileItAsks() {
    for (int round = 0; round < 2_000; round++) {
      Lane lane = Lanes.of("greet", 1);
      PollTurns turns = new PollTurns(List.of(lane), 1, OUTBOX, Schedulers.parallel());
      turns.takeBeyond(lane);
      AtomicInteger given = new AtomicInteger();

      RaceTestUtils.race(
          () -> turns.next(lane).subscribe(ticket -> given.incrementAndGet()),
          () -> turns.freeSlot(lane));

      assertThat(given).hasValue(1);
    }
  }

  @Test
  void strandsNobodyWhoAsksWhilePollingEnds() {
    for (int round = 0; round < 2_000; round++) {
      Lane lane = Lanes.of("greet", 1);
      PollTurns turns = new PollTurns(List.of(lane), 1, OUTBOX, Schedulers.parallel());
      turns.takeBeyond(lane);
      AtomicInteger told = new AtomicInteger();

      RaceTestUtils.race(
          () -> turns.next(lane).subscribe(ticket -> {}, error -> {}, told::incrementAndGet),
          () -> turns.admit(lane).subscribe(place -> told.incrementAndGet()),
          turns::close);

      assertThat(told).hasValue(2);
    }
  }
}
