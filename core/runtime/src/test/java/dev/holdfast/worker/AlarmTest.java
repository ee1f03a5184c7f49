package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.util.RaceTestUtils;

@Timeout(60)
class AlarmTest {

  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  private final List<Long> rings = new ArrayList<>();
  private final Alarm alarm = new Alarm(time, rings::add);

  @Test
  void ringsAtTheNearestInstantOnly() {
    alarm.atLatest(300);
    alarm.atLatest(100);
    alarm.atLatest(200);

    time.advanceTimeBy(Duration.ofNanos(99));
    assertThat(rings).isEmpty();
    time.advanceTimeBy(Duration.ofSeconds(1));
    assertThat(rings).containsExactly(100L);
  }

  @Test
  void isSetAnewByItsOwnRing() {
    AtomicReference<Alarm> own = new AtomicReference<>();
    own.set(
        new Alarm(
            time,
            due -> {
              rings.add(due);
              own.get().atLatest(due + 10);
            }));
    own.get().atLatest(10);

    time.advanceTimeBy(Duration.ofNanos(35));

    assertThat(rings).containsExactly(10L, 20L, 30L);
  }

  @Test
  void neverRingsWithinTheCallThatSetsIt() {
    alarm.atLatest(-5);
    assertThat(rings).isEmpty();

    time.advanceTimeBy(Duration.ofNanos(1));

    assertThat(rings).containsExactly(-5L);
  }

  @Test
  void ringsNoMoreOnceItIsClosed() {
    alarm.atLatest(10);
    alarm.close();
    alarm.atLatest(5);

    time.advanceTimeBy(Duration.ofSeconds(1));

    assertThat(rings).isEmpty();
  }

  /** An instant is missed if the ring that goes off just then does not find it and none is set. */
  @Test
  void missesNoInstantThatComesWhileItRings() throws InterruptedException {
    Scheduler timer = Schedulers.newSingle("alarm");
    try {
      for (int round = 0; round < 2_000; round++) {
        Set<Integer> waiting = ConcurrentHashMap.newKeySet();
        Set<Integer> found = ConcurrentHashMap.newKeySet();
        Alarm busy = new Alarm(timer, due -> waiting.removeIf(found::add));
        RaceTestUtils.race(
            () -> add(busy, waiting, 1), () -> add(busy, waiting, 2), () -> add(busy, waiting, 3));
        for (int tries = 0; found.size() < 3 && tries < 1_000_000; tries++) {
          Thread.onSpinWait();
          if (tries % 1_000 == 999) {
            synchronized (found) {
              found.wait(1);
            }
          }
        }
        assertThat(found).as("round %s", round).containsExactlyInAnyOrder(1, 2, 3);
      }
    } finally {
      timer.dispose();
    }
  }

  private static void add(Alarm alarm, Set<Integer> waiting, int number) {
    waiting.add(number);
    alarm.atLatest(Long.MIN_VALUE / 4);
  }
}
