package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.task.Outcome;
import dev.holdfast.task.Payload;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class TaskUpdateTest {

  private static final Duration NONE = Duration.ZERO;

  private final Task task = Task.builder("t1", "greet").workflowId("w1").pollCount(2).build();
  private final Payload output = Payload.of(Map.of("greeting", "hello"));

  private TaskUpdate of(Outcome outcome) {
    return TaskUpdate.of(task, outcome, "me");
  }

  private TaskUpdate expected(TaskStatus status, String reason, Duration callbackAfter) {
    return new TaskUpdate("t1", "w1", status, output, reason, callbackAfter, "me");
  }

  @Test
  void reportsACompletedTask() {
    TaskUpdate update = of(new Outcome.Completed(output));

    assertThat(update)
        .isEqualTo(new TaskUpdate("t1", "w1", TaskStatus.COMPLETED, output, null, NONE, "me"));
    assertThat(update.isIdempotent()).isTrue();
  }

  @Test
  void reportsAFailedTaskWithItsReason() {
    TaskUpdate update = of(new Outcome.Failed("no stock", output));

    assertThat(update).isEqualTo(expected(TaskStatus.FAILED, "no stock", NONE));
    assertThat(update.isIdempotent()).isTrue();
  }

  @Test
  void reportsATaskThatFailedForGoodWithItsReason() {
    TaskUpdate update = of(new Outcome.FailedForGood("no such item", output));

    assertThat(update)
        .isEqualTo(expected(TaskStatus.FAILED_WITH_TERMINAL_ERROR, "no such item", NONE));
    assertThat(update.isIdempotent()).isTrue();
  }

  @Test
  void handsATaskBackForLaterWithWhatTheNextAttemptIsToSee() {
    TaskUpdate update = of(new Outcome.RetryLater(Duration.ofSeconds(3), output));

    assertThat(update)
        .isEqualTo(
            new TaskUpdate(
                "t1", "w1", TaskStatus.IN_PROGRESS, output, null, Duration.ofSeconds(3), "me"));
    assertThat(update.isIdempotent()).isFalse();
  }

  @Test
  void releasesATaskAtOnceAndWithoutAResult() {
    TaskUpdate update = TaskUpdate.release(task, "me");

    assertThat(update)
        .isEqualTo(
            new TaskUpdate("t1", "w1", TaskStatus.IN_PROGRESS, Payload.empty(), null, NONE, "me"));
    assertThat(update.isIdempotent()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      names = {"SCHEDULED", "COMPLETED_WITH_ERRORS", "TIMED_OUT", "CANCELED", "SKIPPED", "UNKNOWN"})
  void refusesAStatusThatNoWorkerReports(TaskStatus status) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> expected(status, "x", NONE))
        .withMessage("status is " + status + ": expected one that a worker reports");
  }

  @Test
  void showsNothingOfItsOutput() {
    assertThat(of(new Outcome.Completed(output)).toString()).contains("t1").doesNotContain("hello");
  }
}
