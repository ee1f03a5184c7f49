package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A monotonic clock may start anywhere and wrap around. */
@Timeout(60)
class ClockWrapTest {
  @Test
  void thePlanWaitsForTheSoonestAcrossTheWrap() {
    long now = Long.MAX_VALUE - Duration.ofMillis(100).toNanos();
    Lane soon = Lanes.asked("soon", 10, now);
    soon.notBeforeNanos = now + Duration.ofMillis(50).toNanos();
    Lane late = Lanes.asked("late", 10, now);
    late.notBeforeNanos = now + Duration.ofMillis(500).toNanos();
    assertThat(PollPlan.decide(List.of(soon, late), 10, 0, 5, now))
        .isEqualTo(new PollPlan.WaitUntil(soon.notBeforeNanos));
  }

  record Shifted(VirtualTimeScheduler time, long offset) implements Scheduler {
    @Override
    public Disposable schedule(Runnable task) {
      return time.schedule(task);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
      return time.schedule(task, delay, unit);
    }

    @Override
    public Worker createWorker() {
      return time.createWorker();
    }

    @Override
    public long now(TimeUnit unit) {
      return unit.convert(offset + time.now(TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -10_000_000L, Long.MIN_VALUE, Long.MAX_VALUE - 10_000_000L})
  void turnsWakeUpAcrossTheWrap(long offset) {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    Lane lane = Lanes.of("greet", 10);
    PollTurns turns = new PollTurns(List.of(lane), 10, 100, new Shifted(time, offset));
    List<PollTicket> tickets = new ArrayList<>();
    turns.next(lane).subscribe(tickets::add);
    tickets.get(0).close(false);
    turns.next(lane).subscribe(tickets::add);
    time.advanceTimeBy(Duration.ofMillis(49));
    assertThat(tickets).hasSize(1);
    time.advanceTimeBy(Duration.ofMillis(1));
    assertThat(tickets).hasSize(2);
  }
}
