package dev.holdfast.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.Polled;
import dev.holdfast.task.Payload;
import dev.holdfast.task.Task;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TaskReaderTest {

  @Test
  void everyMemberThatAWorkerReadsIsBoundAndTheRestSkipped() {
    Task task = leased(Samples.FULL_TASK);
    assertThat(task.id()).isEqualTo("t-1");
    assertThat(task.type()).isEqualTo("greet");
    assertThat(task.definitionName()).isEqualTo("greet_def");
    assertThat(task.referenceName()).isEqualTo("greet_ref");
    assertThat(task.workflowId()).isEqualTo("w-1");
    assertThat(task.workflowType()).isEqualTo("welcome");
    assertThat(task.correlationId()).isEqualTo("c-1");
    assertThat(task.domain()).isEqualTo("blue");
    assertThat(task.workerId()).isEqualTo("me");
    assertThat(task.retryCount()).isEqualTo(2);
    assertThat(task.sequence()).isEqualTo(3);
    assertThat(task.pollCount()).isEqualTo(4);
    assertThat(task.iteration()).isEqualTo(5);
    assertThat(task.priority()).isEqualTo(6);
    assertThat(task.scheduledMillis()).isEqualTo(1_700_000_000_001L);
    assertThat(task.startMillis()).isEqualTo(1_700_000_000_002L);
    assertThat(task.updateMillis()).isEqualTo(1_700_000_000_003L);
    assertThat(task.responseTimeout()).isEqualTo(Duration.ofHours(1));
    assertThat(task.hardTimeout()).isEqualTo(Duration.ofSeconds(90));
    assertThat(task.callbackAfter()).isEqualTo(Duration.ofSeconds(7));
    assertThat(task.startDelay()).isEqualTo(Duration.ofSeconds(8));
    assertThat(text(task.input())).isEqualTo("{ \"name\": \"Zoë\", \"n\": 1.50 }");
    assertThat(text(task.output())).isEqualTo("{\"done\":[1,2]}");
    assertThat(text(task.runtimeMetadata())).isEqualTo("{\"key\":\"hush\"}");
  }

  @Test
  void missingMembersKeepTheirDefaultsAndTheTypeIsThePolledOne() {
    Task task = leased("{\"taskId\":\"t\",\"workflowInstanceId\":\"w\"}");
    assertThat(task.type()).isEqualTo("polled");
    assertThat(task.referenceName()).isEmpty();
    assertThat(task.domain()).isNull();
    assertThat(task.pollCount()).isZero();
    assertThat(task.responseTimeout()).isZero();
    assertThat(task.hardTimeout()).isZero();
    assertThat(task.input().asMap()).isEmpty();
  }

  @Test
  void membersOfAWrongTypeKeepTheirDefaultsAndSpoilNothing() {
    Task task =
        leased(
            "{\"taskType\":{\"a\":1},\"retryCount\":\"many\",\"seq\":[1,[2]],\"pollCount\":1.5,"
                + "\"iteration\":99999999999,\"workflowPriority\":-3,\"scheduledTime\":1e400,"
                + "\"startTime\":123456789012345678901234567890,\"domain\":17,"
                + "\"outputData\":[{}],\"runtimeMetadata\":\"x\",\"workflowTask\":[{\"a\":{}}],"
                + "\"responseTimeoutSeconds\":true,\"inputData\":null,"
                + "\"callbackAfterSeconds\":9223372036854775807,"
                + "\"taskId\":\"t\",\"workflowInstanceId\":\"w\"}");
    assertThat(task.type()).isEqualTo("polled");
    assertThat(task.retryCount()).isZero();
    assertThat(task.sequence()).isZero();
    assertThat(task.pollCount()).isZero();
    assertThat(task.iteration()).isZero();
    assertThat(task.priority()).isZero();
    assertThat(task.scheduledMillis()).isZero();
    assertThat(task.startMillis()).isZero();
    assertThat(task.domain()).isNull();
    assertThat(task.output().asMap()).isEmpty();
    assertThat(task.input().asMap()).isEmpty();
    assertThat(task.runtimeMetadata().asMap()).isEmpty();
    assertThat(task.responseTimeout()).isZero();
    assertThat(task.callbackAfter()).isEqualTo(Duration.ofSeconds(Integer.MAX_VALUE));
    assertThat(task.workflowId()).isEqualTo("w");
  }

  @Test
  void aTaskDefinitionWithoutATimeoutMeansNone() {
    assertThat(
            leased(
                    "{\"taskId\":\"t\",\"workflowInstanceId\":\"w\",\"workflowTask\":"
                        + "{\"taskDefinition\":{\"name\":\"n\",\"retryDelaySeconds\":60},\"x\":[]}}")
                .hardTimeout())
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"inputData\":{\"a\":nope},\"taskId\":\"t\",\"workflowInstanceId\":\"w\",\"pollCount\":2}",
        "{\"inputData\":{\"a\":\"\u0001\"},\"taskId\":\"t\",\"workflowInstanceId\":\"w\","
            + "\"pollCount\":2}",
        "{\"inputData\":{\"a\" 1},\"taskId\":\"t\",\"workflowInstanceId\":\"w\",\"pollCount\":2}",
        "{\"taskId\":\"t\",\"workflowInstanceId\":\"w\",\"pollCount\":2,\"seq\":nope}"
      })
  void aMalformedTaskIsUnusableAndItsIdsAreReadAllTheSame(String json) {
    Polled.Unusable unusable = unusable(json);
    assertThat(unusable.reason()).startsWith("the task can't be read: not valid JSON at its byte ");
    assertThat(unusable.reason()).doesNotContain("nope");
    Task task = Objects.requireNonNull(unusable.task());
    assertThat(task.id()).isEqualTo("t");
    assertThat(task.workflowId()).isEqualTo("w");
    assertThat(task.pollCount()).isEqualTo(2);
    assertThat(task.type()).isEqualTo("polled");
    assertThat(task.input().asMap()).isEmpty();
  }

  @Test
  void anInputThatIsNoObjectMakesATaskUnusable() {
    Polled.Unusable unusable =
        unusable("{\"inputData\":[1],\"taskId\":\"t\",\"workflowInstanceId\":\"w\"}");
    assertThat(unusable.reason()).contains("its inputData is not an object");
    assertThat(Objects.requireNonNull(unusable.task()).id()).isEqualTo("t");
  }

  @Test
  void anExternalInputMakesATaskUnusable() {
    Polled.Unusable unusable =
        unusable(
            "{\"externalInputPayloadStoragePath\":\"s3/x\",\"taskId\":\"t\","
                + "\"outputData\":{\"a\":1},\"workflowInstanceId\":\"w\"}");
    assertThat(unusable.reason()).contains("external payload storage");
    assertThat(Objects.requireNonNull(unusable.task()).output().asMap()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"taskId\":\"\"}",
        "{\"taskId\":7}",
        "[1]",
        "nope",
        "null",
        "\"text\"",
        "1"
      })
  void anElementWithoutATaskIdIsUnusableAndNamesNoTask(String json) {
    assertThat(unusable(json).task()).isNull();
  }

  @Test
  void aTaskWithoutItsWorkflowIsUnusable() {
    assertThat(unusable("{\"taskId\":\"t\"}").reason()).contains("no workflowInstanceId");
  }

  @Test
  void aSkeletonKeepsTheScalarsBehindAHugeInputInConstantMemory() {
    JsonSkeleton skeleton = new JsonSkeleton();
    feed(skeleton, "{\"status\":\"IN_PROGRESS\",\"reason\":\"" + "r\\\"".repeat(5_000) + "\",");
    feed(skeleton, "\"inputData\":{\"x\":[\"");
    for (int i = 0; i < 10_000; i++) {
      feed(skeleton, "{]\\\"}[".repeat(20));
    }
    feed(skeleton, "\"]},\"taskId\":\"t\",\"workflowInstanceId\":\"w\",\"pollCount\":3}");
    assertThat(skeleton.isComplete()).isTrue();
    assertThat(new String(skeleton.bytes(), 0, skeleton.length(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"status\":\"IN_PROGRESS\",\"reason\":\"\",\"inputData\":null,"
                + "\"taskId\":\"t\",\"workflowInstanceId\":\"w\",\"pollCount\":3}");
    Polled.Unusable polled =
        (Polled.Unusable) TaskReader.oversized(skeleton, 1_400_000, 4_096, "greet");
    assertThat(polled.reason()).contains("1400000 bytes").contains("maxTaskBytes is 4096");
    assertThat(Objects.requireNonNull(polled.task()).pollCount()).isEqualTo(3);
  }

  @Test
  void aSkeletonOfEndlessScalarsIsBounded() {
    JsonSkeleton skeleton = new JsonSkeleton();
    feed(skeleton, "{\"taskId\":\"t\",\"workflowInstanceId\":\"w\"");
    for (int i = 0; i < 100_000; i++) {
      feed(skeleton, ",\"m" + i + "\":" + i);
    }
    feed(skeleton, "}");
    assertThat(skeleton.length()).isLessThanOrEqualTo(64 * 1024);
    Polled.Unusable polled = (Polled.Unusable) TaskReader.oversized(skeleton, 1, 1, "greet");
    assertThat(Objects.requireNonNull(polled.task()).workflowId()).isEqualTo("w");
  }

  private static void feed(JsonSkeleton skeleton, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    skeleton.feed(bytes, 0, bytes.length);
  }

  private static Task leased(String json) {
    return ((Polled.Leased) read(json)).task();
  }

  private static Polled.Unusable unusable(String json) {
    return (Polled.Unusable) read(json);
  }

  private static Polled read(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    // In the middle of an array that is used again, as it is while an answer streams in.
    byte[] chunk = new byte[bytes.length + 20];
    Arrays.fill(chunk, (byte) '{');
    System.arraycopy(bytes, 0, chunk, 7, bytes.length);
    Polled read = TaskReader.read(chunk, 7, bytes.length, "polled");
    Arrays.fill(chunk, (byte) 0);
    return read;
  }

  private static String text(Payload payload) {
    assertThat(payload.asMap()).isNotEmpty();
    return StandardCharsets.UTF_8.decode(payload.bytes()).toString();
  }
}
