package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TaskStatusTest {

  @Test
  void isTerminalUnlessTheTaskWaitsRunsOrIsOfAnUnknownStatus() {
    assertThat(Arrays.stream(TaskStatus.values()).filter(status -> !status.isTerminal()))
        .containsExactlyInAnyOrder(
            TaskStatus.SCHEDULED, TaskStatus.IN_PROGRESS, TaskStatus.UNKNOWN);
  }
}
