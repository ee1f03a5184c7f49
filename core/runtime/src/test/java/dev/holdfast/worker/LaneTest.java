package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LaneTest {

  private static final Duration WAIT = Duration.ofSeconds(2);
  private static final long ASKED = -Duration.ofHours(1).toNanos();
  private static final long AT_ONCE = ASKED + Duration.ofMillis(1).toNanos();
  private static final long AFTER_THE_WAIT = ASKED + WAIT.toNanos();

  private final Lane lane = Lanes.of("greet", 10);

  LaneTest() {
    lane.askedAtNanos = ASKED;
  }

  private Duration pauseAfterEmpty(long answeredNanos) {
    lane.learn(1, 0, WAIT, false, answeredNanos);
    return Duration.ofNanos(lane.notBeforeNanos - ASKED);
  }

  @Test
  void isHotWhileItsPollsBringAllThatTheyAskFor() {
    lane.learn(3, 3, Duration.ZERO, false, AT_ONCE);
    assertThat(lane.hot).isTrue();

    lane.learn(3, 2, Duration.ZERO, false, AT_ONCE);
    assertThat(lane.hot).isFalse();
  }

  @Test
  void isHotIfTheServerDeliversMoreThanWasAskedFor() {
    lane.learn(1, 4, WAIT, false, AT_ONCE);

    assertThat(lane.hot).isTrue();
  }

  @Test
  void isNotHotAfterAnAnswerThatBrokeOff() {
    lane.learn(3, 3, Duration.ZERO, true, AT_ONCE);

    assertThat(lane.hot).isFalse();
  }

  @Test
  void asksForHalfAsMuchAfterEachAnswerThatBrokeOff() {
    lane.learn(40, 7, Duration.ZERO, true, AT_ONCE);
    assertThat(lane.countCap).isEqualTo(20);
    lane.learn(20, 7, Duration.ZERO, true, AT_ONCE);
    assertThat(lane.countCap).isEqualTo(10);
    lane.learn(1, 0, Duration.ZERO, true, AT_ONCE);
    assertThat(lane.countCap).isEqualTo(1);
  }

  @Test
  void asksForNoMoreAfterAnAnswerThatWasAskedForLess() {
    lane.learn(10, 5, Duration.ZERO, true, AT_ONCE);
    lane.learn(1, 1, Duration.ZERO, false, AT_ONCE);

    assertThat(lane.countCap).isEqualTo(5);
  }

  @Test
  void asksForTwiceAsMuchOnceAsMuchAsItMayAskForGotThroughUpToTheLimit() {
    lane.learn(10, 5, Duration.ZERO, true, AT_ONCE);
    List<Integer> caps = new ArrayList<>();
    for (int poll = 0; poll < 10; poll++) {
      lane.learn(lane.countCap, 1, Duration.ZERO, false, AT_ONCE);
      caps.add(lane.countCap);
    }

    assertThat(caps).containsExactly(10, 20, 40, 80, 160, 320, 640, 1_000, 1_000, 1_000);
  }

  @Test
  void asksLaterAndLaterWhereALongPollIsAnsweredEarlyWithNothing() {
    List<Long> pauses = new ArrayList<>();
    for (int poll = 0; poll < 8; poll++) {
      pauses.add(pauseAfterEmpty(AT_ONCE).toMillis());
    }

    assertThat(pauses).containsExactly(50L, 100L, 200L, 400L, 800L, 1_600L, 2_000L, 2_000L);
  }

  @Test
  void neverPausesLongerThanTheWaitHoweverOftenItIsAnsweredEarly() {
    for (int poll = 0; poll < 2_000; poll++) {
      assertThat(pauseAfterEmpty(AT_ONCE)).isBetween(Duration.ofMillis(50), WAIT);
    }
  }

  @Test
  void asksAtOnceAfterAnEmptyAnswerThatTookItsTime() {
    assertThat(pauseAfterEmpty(AFTER_THE_WAIT)).isEqualTo(WAIT);
    assertThat(lane.notBeforeNanos).isEqualTo(AFTER_THE_WAIT);
    assertThat(pauseAfterEmpty(ASKED + WAIT.toNanos() / 2)).isEqualTo(WAIT.dividedBy(2));
  }

  @Test
  void asksAtOnceAfterAPollThatDidNotWait() {
    lane.learn(5, 0, Duration.ZERO, false, AT_ONCE);

    assertThat(lane.notBeforeNanos).isEqualTo(AT_ONCE);
  }

  @Test
  void startsOverWithItsPausesOnceATaskCame() {
    pauseAfterEmpty(AT_ONCE);
    pauseAfterEmpty(AT_ONCE);
    lane.learn(1, 1, WAIT, false, AT_ONCE);
    assertThat(lane.notBeforeNanos).isEqualTo(AT_ONCE);

    assertThat(pauseAfterEmpty(AT_ONCE)).hasMillis(50);
  }

  @Test
  void hasNoMoreSlotsThanTheWorkerOrItsOwnOption() {
    assertThat(new Lane(TaskSpec.of("greet", Lanes.NOTHING), 10).free).hasValue(10);
    assertThat(new Lane(TaskSpec.of("greet", Lanes.NOTHING).slots(3), 10).free).hasValue(3);
    assertThat(new Lane(TaskSpec.of("greet", Lanes.NOTHING).slots(30), 10).free).hasValue(10);
  }
}
