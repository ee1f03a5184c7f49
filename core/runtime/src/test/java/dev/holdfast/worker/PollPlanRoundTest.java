package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole rounds of turns, played on a clock of their own. */
@Timeout(60)
class PollPlanRoundTest {

  private static final long TWO_SECONDS = Duration.ofSeconds(2).toNanos();
  private static final long PLAYED = Duration.ofSeconds(20).toNanos();
  private static final long TRIP = Duration.ofMillis(1).toNanos();

  @ParameterizedTest
  @CsvSource({"1,1", "2,1", "1,10", "5,10", "9,10", "50,10", "50,2", "50,1", "200,10", "200,100"})
  void asksEachIdleTypeEveryTwoSeconds(int types, int slots) {
    Game game = new Game(Lanes.of(types, slots), slots, 0);

    game.play();

    assertThat(game.longestGap()).isLessThanOrEqualTo(TWO_SECONDS + 2 * TRIP);
    assertThat(game.mostScouts).isEqualTo(Math.min(types, game.maxScouts));
  }

  @Test
  void asksNoIdleTypeMoreOftenThanItsShareOfTheRound() {
    Game game = new Game(Lanes.of(50, 10), 10, 0);

    game.play();

    assertThat(game.polls / 20).isBetween(25, 30);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 10, 50})
  void letsTheBacklogOfOneTypeStarveNobody(int types) {
    List<Lane> lanes = Lanes.of(types, 10);
    Game game = new Game(lanes, 10, 0);
    game.backlogged = lanes.get(types / 2);

    game.play();

    assertThat(game.longestGap()).isLessThanOrEqualTo(TWO_SECONDS + 2 * TRIP + game.taskNanos);
    assertThat(game.run.getOrDefault(game.backlogged, 0))
        .as("tasks of the type with the backlog, of at most %s", PLAYED / game.taskNanos * 10)
        .isGreaterThan((int) (PLAYED / game.taskNanos * 10 * 8 / 10));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -20_000_000_000L, -1, 1})
  void playsAloneOfWhereTheClockStands(long start) {
    Game usual = new Game(Lanes.of(50, 10), 10, 0);
    Game other = new Game(Lanes.of(50, 10), 10, start);

    usual.play();
    other.play();

    assertThat(other.polls).isEqualTo(usual.polls);
    assertThat(other.longestGap()).isEqualTo(usual.longestGap());
  }

  /** Lanes, slots and a server that answers at the end of the wait, or at once if it has tasks. */
  private static final class Game {
    final List<Lane> lanes;
    final long start;
    final int maxScouts;
    final long taskNanos = Duration.ofMillis(20).toNanos();
    final Map<Lane, Long> lastAsked = new HashMap<>();
    final Map<Lane, Integer> run = new HashMap<>();
    final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::after));
    Lane backlogged = Lanes.of("none", 1);
    int free;
    int scouts;
    int mostScouts;
    int polls;
    long elapsed;
    private long longestGap;

    Game(List<Lane> lanes, int slots, long start) {
      this.lanes = lanes;
      this.start = start;
      this.free = slots;
      this.maxScouts = Math.max(1, Math.min(8, slots / 2));
    }

    private record Event(long after, Runnable action) {}

    void play() {
      lanes.forEach(Lanes::ask);
      while (elapsed < PLAYED) {
        PollPlan.Decision decision =
            PollPlan.decide(lanes, free, scouts, maxScouts, start + elapsed);
        if (decision instanceof PollPlan.Grant grant) {
          poll(grant);
        } else {
          advance((PollPlan.WaitUntil) decision);
        }
      }
    }

    long longestGap() {
      lanes.forEach(
          lane -> longestGap = Math.max(longestGap, elapsed - lastAsked.getOrDefault(lane, 0L)));
      return longestGap;
    }

    private void advance(PollPlan.WaitUntil pause) {
      long until =
          pause.equals(PollPlan.FOREVER)
              ? Long.MAX_VALUE
              : elapsed + (pause.nanos() - start - elapsed);
      assertThat(until).isGreaterThan(elapsed);
      Event next = events.peek();
      if (next != null && next.after <= until) {
        events.remove();
        elapsed = next.after;
        next.action.run();
      } else {
        elapsed = until;
      }
    }

    private void poll(PollPlan.Grant grant) {
      Lane lane = grant.lane();
      polls++;
      longestGap = Math.max(longestGap, elapsed - lastAsked.getOrDefault(lane, 0L));
      lastAsked.put(lane, elapsed);
      lane.asked = true;
      lane.askedAtNanos = start + elapsed;
      lane.waiting.set(null);
      take(lane, grant.count());
      boolean scout = !grant.longPoll().isZero();
      scouts += scout ? 1 : 0;
      mostScouts = Math.max(mostScouts, scouts);
      int brings = lane == backlogged ? grant.count() : 0;
      long took = TRIP + (brings == 0 ? grant.longPoll().toNanos() : 0);
      after(
          took,
          () -> {
            scouts -= scout ? 1 : 0;
            take(lane, brings - grant.count());
            lane.learn(grant.count(), brings, grant.longPoll(), false, start + elapsed);
            Lanes.ask(lane);
            run.merge(lane, brings, Integer::sum);
            for (int task = 0; task < brings; task++) {
              after(taskNanos, () -> take(lane, -1));
            }
          });
    }

    private void take(Lane lane, int count) {
      free -= count;
      lane.free.addAndGet(-count);
      assertThat(free).isNotNegative();
      assertThat(lane.free.get()).isNotNegative();
    }

    private void after(long nanos, Runnable action) {
      events.add(new Event(elapsed + nanos, action));
    }
  }
}
