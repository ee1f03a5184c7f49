package dev.holdfast.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TaskContextTest {

  private static Task.Builder step(String taskId) {
    return Task.builder(taskId, "greet").workflowId("w1").referenceName("greet_ref").iteration(2);
  }

  @Test
  void hasOneIdempotencyKeyForAllAttemptsAndRetriesOfAStep() {
    TaskContext attempt = new GivenContext(step("t1").pollCount(1).build());
    TaskContext nextAttempt = new GivenContext(step("t1").pollCount(2).build());
    TaskContext retry = new GivenContext(step("t2").retryCount(1).build());

    assertThat(attempt.idempotencyKey()).isEqualTo("w1/greet_ref/2");
    assertThat(nextAttempt.idempotencyKey()).isEqualTo(attempt.idempotencyKey());
    assertThat(retry.idempotencyKey()).isEqualTo(attempt.idempotencyKey());
  }

  @Test
  void hasAnotherIdempotencyKeyForEachOtherStep() {
    assertThat(step("t1").iteration(3).build())
        .extracting(TaskContextTest::key)
        .isNotEqualTo(key());
    assertThat(step("t1").workflowId("w2").build())
        .extracting(TaskContextTest::key)
        .isNotEqualTo(key());
    assertThat(step("t1").referenceName("other").build())
        .extracting(TaskContextTest::key)
        .isNotEqualTo(key());
  }

  @Test
  void hasTheTasksInput() {
    Payload input = Payload.of("x");

    assertThat(new GivenContext(step("t1").input(input).build()).input()).isSameAs(input);
  }

  private static String key() {
    return key(step("t1").build());
  }

  private static String key(Task task) {
    return new GivenContext(task).idempotencyKey();
  }
}
