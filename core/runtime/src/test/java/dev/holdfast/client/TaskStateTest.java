package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class TaskStateTest {

  @ParameterizedTest
  @EnumSource
  void isHeldOnlyInProgressAndUnderJustThatLease(TaskStatus status) {
    TaskState state = new TaskState("t1", "w1", status, 2, "me");

    assertThat(state.isHeldBy(2, "me")).isEqualTo(status == TaskStatus.IN_PROGRESS);
    assertThat(state.isHeldBy(1, "me")).isFalse();
    assertThat(state.isHeldBy(3, "me")).isFalse();
    assertThat(state.isHeldBy(2, "other")).isFalse();
    assertThat(state.isHeldBy(1, "other")).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void isHeldByNobodyIfTheServerDidNotSayByWhom(TaskStatus status) {
    assertThat(new TaskState("t1", "w1", status, 2, null).isHeldBy(2, "me")).isFalse();
  }

  @Test
  @SuppressWarnings("NullAway")
  void refusesToMissAPart() {
    assertThatNullPointerException()
        .isThrownBy(() -> new TaskState(null, "w1", TaskStatus.FAILED, 1, null))
        .withMessage("taskId");
    assertThatNullPointerException()
        .isThrownBy(() -> new TaskState("t1", null, TaskStatus.FAILED, 1, null))
        .withMessage("workflowId");
    assertThatNullPointerException()
        .isThrownBy(() -> new TaskState("t1", "w1", null, 1, null))
        .withMessage("status");
  }
}
