package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.Polled;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Values at the ends of their ranges. */
@Timeout(60)
class ExtremesTest {
  @Test
  void aHandlersLimitMayBeForEver() {
    Lane lane =
        new Lane(
            TaskSpec.of("greet", Lanes.NOTHING).timeout(Duration.ofSeconds(Long.MAX_VALUE)), 1);
    Task task = Task.builder("t", "greet").build();
    assertThat(
            Lease.of(lane, new Polled.Leased(task), "west", true, 0)
                .deadlineNanos(Duration.ofSeconds(15)))
        .isGreaterThan(Duration.ofDays(3_650).toNanos());
  }

  @Test
  void aServersResponseTimeoutMayBeForEver() {
    Task task =
        Task.builder("t", "greet").responseTimeout(Duration.ofSeconds(10_000_000_000L)).build();
    assertThat(Lease.of(Lanes.of("greet", 1), new Polled.Leased(task), "west", true, 0).dueNanos())
        .isGreaterThan(Duration.ofDays(3_650).toNanos());
  }

  @Test
  void aNegativeHardLimitIsNone() {
    Task task = Task.builder("t", "greet").hardTimeout(Duration.ofSeconds(-1)).build();
    assertThat(
            Lease.of(Lanes.of("greet", 1), new Polled.Leased(task), "west", true, 0)
                .deadlineNanos(Duration.ofSeconds(15)))
        .isPositive();
  }

  @Test
  void aTypeWithAnAtSignIsNotAnothersDomain() {
    assertThat(
            WorkerSpec.of(
                    TaskSpec.of("a@b", Lanes.NOTHING), TaskSpec.of("a", Lanes.NOTHING).domain("b"))
                .tasks())
        .hasSize(2);
    assertThat(new Lane(TaskSpec.of("a@b", Lanes.NOTHING), 1).channel())
        .isNotEqualTo(new Lane(TaskSpec.of("a", Lanes.NOTHING).domain("b"), 1).channel());
  }

  @Test
  void cancelledSurplusReservesNothing() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    Lane lane = Lanes.of("greet", 1);
    PollTurns turns = new PollTurns(List.of(lane), 1, 100, time);
    turns.takeBeyond(lane);
    turns.admit(lane).subscribe().dispose();
    turns.freeSlot(lane);
    assertThat(turns.taken()).isZero();
  }
}
