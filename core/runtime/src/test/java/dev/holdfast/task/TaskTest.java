package dev.holdfast.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TaskTest {

  @Test
  void keepsEachFieldThatATransportSets() {
    Payload input = Payload.of(Map.of("field", "input"));
    Payload output = Payload.of(Map.of("field", "output"));
    Payload metadata = Payload.of(Map.of("field", "metadata"));
    Task task =
        Task.builder("t1", "greet")
            .definitionName("greet_def")
            .referenceName("greet_ref")
            .workflowId("w1")
            .workflowType("greeting")
            .retryCount(1)
            .sequence(2)
            .pollCount(3)
            .iteration(4)
            .priority(5)
            .correlationId("c1")
            .domain("blue")
            .workerId("me")
            .scheduledMillis(6)
            .startMillis(7)
            .updateMillis(8)
            .responseTimeout(Duration.ofSeconds(9))
            .hardTimeout(Duration.ofSeconds(10))
            .callbackAfter(Duration.ofSeconds(11))
            .startDelay(Duration.ofSeconds(12))
            .input(input)
            .output(output)
            .runtimeMetadata(metadata)
            .build();

    assertThat(task.id()).isEqualTo("t1");
    assertThat(task.type()).isEqualTo("greet");
    assertThat(task.definitionName()).isEqualTo("greet_def");
    assertThat(task.referenceName()).isEqualTo("greet_ref");
    assertThat(task.workflowId()).isEqualTo("w1");
    assertThat(task.workflowType()).isEqualTo("greeting");
    assertThat(task.retryCount()).isEqualTo(1);
    assertThat(task.sequence()).isEqualTo(2);
    assertThat(task.pollCount()).isEqualTo(3);
    assertThat(task.iteration()).isEqualTo(4);
    assertThat(task.priority()).isEqualTo(5);
    assertThat(task.correlationId()).isEqualTo("c1");
    assertThat(task.domain()).isEqualTo("blue");
    assertThat(task.workerId()).isEqualTo("me");
    assertThat(task.scheduledMillis()).isEqualTo(6);
    assertThat(task.startMillis()).isEqualTo(7);
    assertThat(task.updateMillis()).isEqualTo(8);
    assertThat(task.responseTimeout()).hasSeconds(9);
    assertThat(task.hardTimeout()).hasSeconds(10);
    assertThat(task.callbackAfter()).hasSeconds(11);
    assertThat(task.startDelay()).hasSeconds(12);
    assertThat(task.input()).isSameAs(input);
    assertThat(task.output()).isSameAs(output);
    assertThat(task.runtimeMetadata()).isSameAs(metadata);
  }

  @Test
  void isCompleteWithAnIdAndATypeOnly() {
    Task task = Task.builder("t1", "greet").build();

    assertThat(task.workflowId()).isEmpty();
    assertThat(task.referenceName()).isEmpty();
    assertThat(task.correlationId()).isNull();
    assertThat(task.domain()).isNull();
    assertThat(task.workerId()).isNull();
    assertThat(task.responseTimeout()).isZero();
    assertThat(task.hardTimeout()).isZero();
    assertThat(task.input()).isSameAs(Payload.empty());
    assertThat(task.output()).isSameAs(Payload.empty());
    assertThat(task.runtimeMetadata()).isSameAs(Payload.empty());
  }

  @Test
  void doesNotChangeWithTheBuilderThatMadeIt() {
    Task.Builder builder = Task.builder("t1", "greet").pollCount(1);
    Task task = builder.build();

    assertThat(builder.pollCount(2).build().pollCount()).isEqualTo(2);
    assertThat(task.pollCount()).isEqualTo(1);
  }

  @Test
  @SuppressWarnings("NullAway")
  void refusesWhatNamesNoTask() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Task.builder("", "greet"))
        .withMessage("id is blank: expected the server's id of a task");
    assertThatNullPointerException().isThrownBy(() -> Task.builder("t1", null)).withMessage("type");
    assertThatNullPointerException()
        .isThrownBy(() -> Task.builder("t1", "greet").input(null))
        .withMessage("input");
    assertThatNullPointerException()
        .isThrownBy(() -> Task.builder("t1", "greet").hardTimeout(null))
        .withMessage("hardTimeout");
  }

  @Test
  void showsNeitherPayloadsNorSecrets() {
    LinesCodec lines = new LinesCodec("text/lines");
    Task task =
        Task.builder("t1", "greet")
            .workflowId("w1")
            .pollCount(3)
            .input(lines.payload("in=hidden1"))
            .output(Payload.of(Map.of("out", "hidden2")))
            .runtimeMetadata(Payload.of(Map.of("token", "hidden3")))
            .build();

    assertThat(task).hasToString("Task[greet t1#3 of w1]");
  }
}
