package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.worker.PollPlan.Decision;
import dev.holdfast.worker.PollPlan.Grant;
import dev.holdfast.worker.PollPlan.WaitUntil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PollPlanTest {

  private static final long NOW = Duration.ofHours(1).toNanos();
  private static final int MAX_SCOUTS = 5;

  private static long millis(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  private static Decision decide(List<Lane> lanes, int free) {
    return PollPlan.decide(lanes, free, 0, MAX_SCOUTS, NOW);
  }

  @Test
  void sendsAnIdleTypeToScoutForOneTaskWithTheLongestWait() {
    Lane lane = Lanes.waiting("greet", 10);

    assertThat(decide(List.of(lane), 10)).isEqualTo(new Grant(lane, 1, PollPlan.MAX_SCOUT));
  }

  @Test
  void decidesTheSameTwiceAndChangesNothing() {
    Lane lane = Lanes.hot("greet", 10, NOW - millis(10));
    Decision first = decide(List.of(lane), 10);

    assertThat(decide(List.of(lane), 10)).isEqualTo(first);
    assertThat(lane.free).hasValue(10);
    assertThat(lane.waiting.get()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, -10})
  void givesNothingWhileNoSlotIsFree(int free) {
    List<Lane> lanes = List.of(Lanes.waiting("greet", 10), Lanes.hot("sort", 10, NOW));

    assertThat(decide(lanes, free)).isEqualTo(PollPlan.FOREVER);
  }

  @Test
  void givesNothingToATypeThatDoesNotAsk() {
    assertThat(decide(List.of(Lanes.of("greet", 10)), 10)).isEqualTo(PollPlan.FOREVER);
  }

  @Test
  void asksTheTypeThatWaitedLongestFirst() {
    Lane later = Lanes.asked("later", 10, NOW - millis(10));
    Lane first = Lanes.asked("first", 10, NOW - millis(30));
    Lane middle = Lanes.asked("middle", 10, NOW - millis(20));
    Lane never = Lanes.waiting("never", 10);

    assertThat(decide(List.of(later, first, middle), 10)).extracting("lane").isSameAs(first);
    assertThat(decide(List.of(later, first, never, middle), 10)).extracting("lane").isSameAs(never);
  }

  @Test
  void letsATypeWithABacklogSweepAllTheFreeSlots() {
    Lane lane = Lanes.hot("greet", 10, NOW - millis(10));

    assertThat(decide(List.of(lane), 7)).isEqualTo(new Grant(lane, 7, Duration.ZERO));
  }

  @Test
  void sweepsNoMoreThanTheTypesOwnSlots() {
    Lane lane = Lanes.hot("greet", 3, NOW - millis(10));

    assertThat(decide(List.of(lane), 10)).isEqualTo(new Grant(lane, 3, Duration.ZERO));
  }

  @Test
  void sweepsNoMoreThanTheTypesCap() {
    Lane lane = Lanes.hot("greet", 10, NOW - millis(10));
    lane.countCap = 2;

    assertThat(decide(List.of(lane), 10)).isEqualTo(new Grant(lane, 2, Duration.ZERO));
  }

  @Test
  void sharesTheFreeSlotsAmongTypesThatSweep() {
    Lane one = Lanes.hot("one", 10, NOW - millis(10));
    Lane two = Lanes.hot("two", 10, NOW - millis(20));

    assertThat(decide(List.of(one, two), 9)).isEqualTo(new Grant(two, 5, Duration.ZERO));
    two.waiting.set(null);
    assertThat(decide(List.of(one, two), 4)).isEqualTo(new Grant(one, 4, Duration.ZERO));
  }

  @Test
  void asksTheOthersForOneTaskWithoutAWaitBeforeASweep() {
    Lane hot = Lanes.hot("hot", 10, NOW - millis(500));
    Lane cold = Lanes.asked("cold", 10, NOW - millis(50));

    assertThat(decide(List.of(hot, cold), 10)).isEqualTo(new Grant(cold, 1, Duration.ZERO));
  }

  @Test
  void asksTheOthersOnlyAtIntervalsWhileATypeSweeps() {
    Lane hot = Lanes.hot("hot", 10, NOW - millis(500));
    Lane cold = Lanes.asked("cold", 10, NOW - millis(49));

    assertThat(decide(List.of(hot, cold), 10)).extracting("lane").isSameAs(hot);
    hot.waiting.set(null);
    assertThat(decide(List.of(hot, cold), 10)).isEqualTo(new WaitUntil(NOW + millis(1)));
  }

  @Test
  void lengthensTheIntervalsWithTheNumberOfTheOthersUpToTheOverdueLimit() {
    Lane hot = Lanes.hot("hot", 10, NOW);
    hot.waiting.set(null);
    Lane four = Lanes.asked("cold", 10, NOW);
    List<Lane> some = List.of(hot, four, Lanes.of("a", 1), Lanes.of("b", 1), Lanes.of("c", 1));
    assertThat(decide(some, 10)).isEqualTo(new WaitUntil(NOW + millis(200)));

    List<Lane> many = new ArrayList<>(Lanes.of(100, 10));
    many.add(hot);
    many.add(four);
    assertThat(decide(many, 10)).isEqualTo(new WaitUntil(NOW + PollPlan.OVERDUE_NANOS));
  }

  @Test
  void skipsATypeWhoseOwnSlotsAreTakenAndDoesNotLetItHoldUpOthers() {
    Lane full = Lanes.hot("full", 1, NOW - millis(500));
    full.free.set(0);
    Lane cold = Lanes.asked("cold", 10, NOW);

    assertThat(decide(List.of(full), 10)).isEqualTo(PollPlan.FOREVER);
    assertThat(decide(List.of(full, cold), 10)).isEqualTo(new Grant(cold, 1, PollPlan.MAX_SCOUT));
    cold.free.set(0);
    assertThat(decide(List.of(full, cold), 10)).isEqualTo(PollPlan.FOREVER);
  }

  @Test
  void waitsForAScoutsPlaceUntilATypeIsOverdue() {
    Lane lane = Lanes.asked("greet", 10, NOW);

    assertThat(PollPlan.decide(List.of(lane), 5, MAX_SCOUTS, MAX_SCOUTS, NOW))
        .isEqualTo(new WaitUntil(NOW + PollPlan.OVERDUE_NANOS));
    assertThat(
            PollPlan.decide(List.of(lane), 5, MAX_SCOUTS, MAX_SCOUTS, NOW + PollPlan.OVERDUE_NANOS))
        .isEqualTo(new Grant(lane, 1, Duration.ZERO));
  }

  @Test
  void asksATypeThatWasNeverAskedAlthoughAllScoutsAreOut() {
    Lane lane = Lanes.waiting("greet", 10);

    assertThat(PollPlan.decide(List.of(lane), 5, MAX_SCOUTS, MAX_SCOUTS, NOW))
        .isEqualTo(new Grant(lane, 1, Duration.ZERO));
  }

  @Test
  void doesNotAskATypeBeforeItsPauseIsOver() {
    Lane paused = Lanes.asked("greet", 10, NOW);
    paused.notBeforeNanos = NOW + millis(100);
    Lane longer = Lanes.asked("sort", 10, NOW);
    longer.notBeforeNanos = NOW + millis(200);

    assertThat(decide(List.of(longer, paused), 10)).isEqualTo(new WaitUntil(NOW + millis(100)));
  }

  @Test
  void shortensTheScoutsWaitWhereTypesOutnumberThePlaces() {
    assertThat(PollPlan.scoutWait(5, 5)).isEqualTo(PollPlan.MAX_SCOUT);
    assertThat(PollPlan.scoutWait(6, 5)).hasMillis(1_500);
    assertThat(PollPlan.scoutWait(50, 5)).hasMillis(180);
    assertThat(PollPlan.scoutWait(1_000_000, 1)).hasMillis(1);
  }

  @Test
  void countsOnlyTheFreeSlotsAsPlacesOfScouts() {
    List<Lane> lanes = Lanes.of(50, 10);
    Lanes.ask(lanes.get(0));

    assertThat(decide(lanes, 1)).extracting("longPoll").isEqualTo(Duration.ofMillis(36));
    assertThat(PollPlan.decide(lanes, 1, 4, MAX_SCOUTS, NOW))
        .extracting("longPoll")
        .isEqualTo(Duration.ofMillis(180));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE - 1_000, Long.MIN_VALUE + 5, -1_000, 0})
  void comparesInstantsOfAClockThatWrapsAround(long now) {
    Lane older = Lanes.asked("older", 10, now - millis(60));
    Lane newer = Lanes.asked("newer", 10, now - millis(30));
    assertThat(PollPlan.decide(List.of(newer, older), 10, 0, MAX_SCOUTS, now))
        .isEqualTo(new Grant(older, 1, PollPlan.MAX_SCOUT));

    Lane hot = Lanes.hot("hot", 10, now);
    assertThat(PollPlan.decide(List.of(hot, newer), 10, 0, MAX_SCOUTS, now))
        .isEqualTo(new Grant(hot, 10, Duration.ZERO));
    hot.waiting.set(null);
    assertThat(PollPlan.decide(List.of(hot, newer), 10, 0, MAX_SCOUTS, now))
        .isEqualTo(new WaitUntil(now + millis(20)));
    assertThat(PollPlan.decide(List.of(hot, older, newer), 10, 0, MAX_SCOUTS, now + millis(41)))
        .isEqualTo(new Grant(older, 1, Duration.ZERO));
  }
}
