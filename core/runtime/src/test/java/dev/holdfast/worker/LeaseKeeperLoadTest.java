package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

/** Many leases. */
@Timeout(120)
class LeaseKeeperLoadTest {

  private static final int MANY = 5_000;

  private final LeaseRig rig = new LeaseRig(new Random(1)::nextDouble);

  private List<Kept> many(long responseSeconds) {
    return IntStream.range(0, MANY)
        .mapToObj(n -> rig.keeper.keep(rig.lease("t" + n, responseSeconds, task -> task)))
        .toList();
  }

  private void answersAfter(Duration delay) {
    rig.onExtend = lease -> Mono.delay(delay, rig).then();
    rig.onFind = lease -> Mono.delay(delay, rig).thenReturn(LeaseRig.held(lease));
  }

  @Test
  void setsNoTimerForALeaseThatEndsBeforeItsFirstBeat() {
    for (int n = 0; n < 100_000; n++) {
      Kept kept = rig.run(60);
      kept.finished();
      kept.end();
      if (n % 100 == 0) {
        rig.advance(Duration.ofMillis(1));
      }
    }
    rig.advance(Duration.ofMinutes(2));

    assertThat(rig.timers.get()).isLessThan(40);
    assertThat(rig.keeper.size()).isZero();
    assertThat(rig.extensions).isEmpty();
    assertThat(rig.lookUps).isEmpty();
  }

  @Test
  void setsNoTimersWithoutBoundForShortTasksThatComeForLong() {
    for (int n = 0; n < 60_000; n++) {
      Kept kept = rig.run(60);
      rig.advance(Duration.ofMillis(10));
      kept.finished();
      kept.end();
    }

    // Ten minutes: a few timers per thirty seconds.
    assertThat(rig.timers.get()).isLessThan(400);
    assertThat(rig.extensions).isEmpty();
  }

  @Test
  void extendsThousandsInTimeThoughOnlySixteenAtOnce() {
    answersAfter(Duration.ofMillis(25));
    List<Kept> leases = many(60);

    for (int second = 0; second < 180; second++) {
      rig.advance(Duration.ofSeconds(1));
      assertThat(leases).noneMatch(Kept::isOverdue);
    }

    assertThat(rig.mostUnderWay).hasValue(16);
    assertThat(new HashSet<>(rig.extended)).hasSize(MANY);
    assertThat(rig.extensions).hasSizeBetween(3 * MANY, 6 * MANY);
  }

  @Test
  void spreadsTheExtensionsOfLeasesThatCameAtOnce() {
    List<Kept> leases = many(60);

    rig.advanceTo(46_000);

    Map<Long, Long> perSecond =
        rig.extensions.stream()
            .collect(Collectors.groupingBy(at -> at / 1_000, Collectors.counting()));
    assertThat(rig.extensions).hasSizeGreaterThanOrEqualTo(leases.size());
    assertThat(Collections.min(rig.extensions)).isGreaterThanOrEqualTo(36_000);
    assertThat(Collections.max(perSecond.values())).isLessThan(MANY / 6);
  }

  @Test
  void looksUpNoMoreThanTwentyRunningTasksASecondAndEachInItsTurn() {
    answersAfter(Duration.ofMillis(25));
    List<String> lookedUp = new ArrayList<>();
    rig.onFind =
        lease -> {
          lookedUp.add(lease.task().id());
          return Mono.just(LeaseRig.held(lease));
        };
    many(60).forEach(kept -> rig.start(kept, Duration.ofDays(1)));

    rig.advance(Duration.ofSeconds(330));

    Map<Long, Long> perSecond =
        rig.lookUps.stream()
            .collect(Collectors.groupingBy(at -> at / 1_000, Collectors.counting()));
    assertThat(Collections.max(perSecond.values())).isBetween(18L, 20L);
    assertThat(new HashSet<>(lookedUp)).hasSize(MANY);
    assertThat(LeaseRig.gaps(rig.lookUps)).allMatch(gap -> gap >= 50);
    assertThat(rig.losses).isEmpty();
  }

  @Test
  void holdsUpNoExtensionWhileNoLookUpIsAnswered() {
    rig.onFind = lease -> Mono.never();
    List<Kept> leases = many(60);
    leases.forEach(kept -> rig.start(kept, Duration.ofDays(1)));

    rig.advanceTo(150_000);

    assertThat(rig.lookUps).hasSize(8);
    assertThat(leases).noneMatch(Kept::isOverdue);
  }

  @Test
  void looksAtAllOfThemNoMoreThanTwentyTimesASecond() {
    many(60).forEach(kept -> rig.start(kept, Duration.ofDays(1)));
    rig.advanceTo(40_000);
    int before = rig.fired.get();

    rig.advance(Duration.ofSeconds(10));

    assertThat(rig.fired.get() - before).isBetween(190, 205);
  }

  @Test
  void keepsThousandsThroughASuspend() {
    answersAfter(Duration.ofMillis(5));
    List<Kept> leases = many(60);
    leases.forEach(kept -> rig.start(kept, Duration.ofDays(1)));

    rig.suspend(Duration.ofHours(1), Duration.ofSeconds(31));
    rig.advance(Duration.ofSeconds(14));

    assertThat(leases).noneMatch(Kept::isOverdue);
    assertThat(rig.losses).isEmpty();
    assertThat(rig.mostUnderWay.get()).isLessThanOrEqualTo(16 + 8);
  }

  @Test
  void overflowsNoStackWhenThousandsFailAtOnce() {
    rig.onExtend = lease -> Mono.error(new IllegalStateException("no"));
    rig.onFind = lease -> Mono.error(new IllegalStateException("no"));
    List<Kept> leases = many(60);

    rig.advanceTo(65_000);

    assertThat(leases).allMatch(Kept::isOverdue);
    assertThat(new HashSet<>(rig.extended)).hasSize(MANY);
    leases.forEach(Kept::end);
    assertThat(rig.keeper.size()).isZero();
  }
}
