package dev.holdfast.conductor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.Polled;
import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Payload;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@Timeout(60)
class ConductorTaskClientTest {

  private final ApiServer server = new ApiServer();
  private final ConductorTaskClient client = ConductorTaskClient.create(server.url());

  @AfterEach
  void close() {
    client.close().block(Duration.ofSeconds(10));
    server.close();
  }

  @Test
  void aPollAsksAsTheApiWantsItAndHandsOutEachTask() {
    server.answer(200, "application/json", "[" + Samples.task("a") + "," + Samples.task("b") + "]");
    client
        .poll(new PollRequest("say hi/ü", "me & you", "d=1", 7, Duration.ofMillis(250)))
        .map(polled -> ((Polled.Leased) polled).task().id())
        .as(StepVerifier::create)
        .expectNext("a", "b")
        .verifyComplete();
    assertThat(server.requests())
        .containsExactly(
            "GET /api/tasks/poll/batch/say%20hi%2F%C3%BC"
                + "?workerid=me%20%26%20you&count=7&timeout=250&domain=d%3D1");
  }

  @Test
  void aPollWithoutADomainDoesNotNameOne() {
    server.answer(200, "application/json", "[]");
    client.poll(poll()).as(StepVerifier::create).verifyComplete();
    server.answer(204, "", "");
    client.poll(poll()).as(StepVerifier::create).verifyComplete();
    assertThat(server.requests())
        .containsOnly("GET /api/tasks/poll/batch/greet?workerid=me&count=2&timeout=0");
  }

  @Test
  void anUpdateCarriesTheOutputsOwnBytes() {
    server.answer(200, "text/plain", "t-1");
    byte[] output = "xx{ \"a\" : 1.50 }yy".getBytes(UTF_8);
    Payload payload = Payload.encoded(client.codec(), output, 2, output.length - 4);
    client
        .update(update(TaskStatus.COMPLETED, payload, null))
        .as(StepVerifier::create)
        .verifyComplete();
    assertThat(server.bodies())
        .containsExactly(
            "application/json {\"taskId\":\"t-1\",\"workflowInstanceId\":\"w-1\","
                + "\"workerId\":\"me\",\"status\":\"COMPLETED\",\"outputData\":{ \"a\" : 1.50 }}");
    assertThat(server.requests()).containsExactly("POST /api/tasks");
  }

  @Test
  void anUpdateWithoutOutputHasNone() {
    server.answer(200, "text/plain", "t-1");
    client
        .update(update(TaskStatus.FAILED, Payload.empty(), "bad \"luck\""))
        .as(StepVerifier::create)
        .verifyComplete();
    assertThat(server.bodies().get(0))
        .endsWith("\"status\":\"FAILED\",\"reasonForIncompletion\":\"bad \\\"luck\\\"\"}");
  }

  @Test
  void aLongReasonIsCutAt500CharactersAndNotInsideOne() {
    server.answer(200, "text/plain", "t-1");
    String reason = "x".repeat(499) + "\uD83D\uDE00tail";
    client
        .update(update(TaskStatus.FAILED, Payload.empty(), reason))
        .as(StepVerifier::create)
        .verifyComplete();
    assertThat(server.bodies().get(0)).endsWith("\"" + "x".repeat(499) + "\"}");
  }

  @ParameterizedTest
  @CsvSource({"PT0S,0", "PT0.001S,1", "PT1S,1", "PT1.000000001S,2", "PT24H,86400"})
  void whatIsHandedBackSaysWhenInWholeSecondsRoundedUp(Duration delay, long seconds) {
    server.answer(200, "text/plain", "t-1");
    TaskUpdate update =
        new TaskUpdate("t-1", "w-1", TaskStatus.IN_PROGRESS, Payload.empty(), null, delay, "me");
    client.update(update).as(StepVerifier::create).verifyComplete();
    assertThat(server.bodies().get(0))
        .endsWith("\"status\":\"IN_PROGRESS\",\"callbackAfterSeconds\":" + seconds + "}");
  }

  @Test
  void aLeaseIsExtendedAsTheApiWantsIt() {
    server.answer(200, "text/plain", "t-1");
    client.extendLease("t-1", "w-1", "me").as(StepVerifier::create).verifyComplete();
    assertThat(server.requests()).containsExactly("POST /api/tasks");
    assertThat(server.bodies())
        .containsExactly(
            "application/json {\"taskId\":\"t-1\",\"workflowInstanceId\":\"w-1\","
                + "\"workerId\":\"me\",\"status\":\"IN_PROGRESS\",\"extendLease\":true}");
  }

  @Test
  void aLogLineIsSentAsItIs() {
    server.answer(200, "", "");
    client.log("t/1", "über \"all\"\n").as(StepVerifier::create).verifyComplete();
    assertThat(server.requests()).containsExactly("POST /api/tasks/t%2F1/log");
    assertThat(server.bodies()).containsExactly("text/plain;charset=UTF-8 über \"all\"\n");
  }

  @Test
  void aTaskIsFound() {
    server.answer(200, "application/json", Samples.FULL_TASK);
    client
        .find("t-1")
        .as(StepVerifier::create)
        .expectNext(new TaskState("t-1", "w-1", TaskStatus.IN_PROGRESS, 4, "me"))
        .verifyComplete();
  }

  @Test
  void aTaskWithAnUnknownStatusIsFoundAllTheSame() {
    server.answer(200, "application/json", "{\"taskId\":\"t\",\"status\":\"NAPPING\"}");
    client
        .find("t")
        .as(StepVerifier::create)
        .expectNext(new TaskState("t", "", TaskStatus.UNKNOWN, 0, null))
        .verifyComplete();
  }

  @Test
  void aTaskThatTheServerDoesNotKnowIsNotFound() {
    server.answer(404, "application/json", "{\"status\":404,\"message\":\"no such task\"}");
    client.find("t-1").as(StepVerifier::create).verifyComplete();
    server.answer(204, "", "");
    client.find("t-1").as(StepVerifier::create).verifyComplete();
  }

  @Test
  void theQueueSizeIsRead() {
    server.answer(200, "application/json", "42");
    client.queueSize("greet", null).as(StepVerifier::create).expectNext(42L).verifyComplete();
    client.queueSize("greet", "a b").as(StepVerifier::create).expectNext(42L).verifyComplete();
    assertThat(server.requests())
        .containsExactly(
            "GET /api/tasks/queue/size?taskType=greet",
            "GET /api/tasks/queue/size?taskType=greet&domain=a%20b");
  }

  @Test
  void callsReuseConnections() {
    server.answer(200, "text/plain", "t-1");
    Mono<Void> update = client.update(update(TaskStatus.COMPLETED, Payload.empty(), null));
    update.repeat(20).as(StepVerifier::create).verifyComplete();
    // The next call may begin just before the last one's connection is back.
    assertThat(client.openConnections()).isBetween(1, 2);
  }

  private static PollRequest poll() {
    return new PollRequest("greet", "me", null, 2, Duration.ZERO);
  }

  private static TaskUpdate update(TaskStatus status, Payload output, @Nullable String reason) {
    return new TaskUpdate("t-1", "w-1", status, output, reason, Duration.ZERO, "me");
  }

  @Test
  void valuesThatAreNoObjectsAreWrapped() {
    assertThat(encoded(List.of(1, 2))).isEqualTo("{\"result\":[1,2]}");
    assertThat(encoded("text")).isEqualTo("{\"result\":\"text\"}");
    assertThat(encoded(Map.of("a", 1))).isEqualTo("{\"a\":1}");
  }

  private String encoded(Object value) {
    return new String(client.codec().encode(value), UTF_8);
  }
}
