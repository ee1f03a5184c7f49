package dev.holdfast.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class StandInTest {

  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private StandIn server;

  @BeforeEach
  void starts() throws InterruptedException {
    server = StandIn.start();
  }

  @AfterEach
  void ends() {
    server.close();
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .timeout(Duration.ofSeconds(20))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode poll(int count) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        send("GET", "/api/tasks/poll/batch/ship?workerid=w&count=" + count + "&timeout=0", "");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    return JSON.readTree(answer.body());
  }

  private static String result(JsonNode task, String status, JsonNode output) {
    return "{\"taskId\":\""
        + task.get("taskId").asString()
        + "\",\"workflowInstanceId\":\""
        + task.get("workflowInstanceId").asString()
        + "\",\"workerId\":\"w\",\"status\":\""
        + status
        + "\",\"outputData\":"
        + output
        + "}";
  }

  private static String echo(JsonNode task) {
    return result(task, "COMPLETED", task.get("inputData"));
  }

  private Counts stats() throws IOException, InterruptedException {
    return Counts.parse(send("GET", "/stats", "").body());
  }

  @Test
  void aPollBringsAsManyTasksAsItAsksForEachWithIdsOfItsOwn() throws Exception {
    JsonNode tasks = poll(100);
    assertThat(tasks.size()).isEqualTo(100);
    assertThat(tasks.valueStream().map(task -> task.get("taskId").asString()))
        .doesNotHaveDuplicates()
        .allMatch(id -> id.length() == 36);
    assertThat(tasks.valueStream().map(task -> task.get("workflowInstanceId").asString()))
        .doesNotHaveDuplicates();
    assertThat(tasks.get(0).toString().length()).isBetween(1_800, 2_600);
    assertThat(stats().get(Counter.POLLS)).isEqualTo(1);
    assertThat(stats().get(Counter.HANDED_OUT)).isEqualTo(100);
  }

  @Test
  void aResultIsAnsweredWithTheIdAndCountedOnce() throws Exception {
    JsonNode task = poll(1).get(0);
    HttpResponse<String> answer = send("POST", "/api/tasks", echo(task));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type").orElseThrow()).startsWith("text/plain");
    assertThat(answer.body()).isEqualTo(task.get("taskId").asString());
    send("POST", "/api/tasks", echo(task));
    assertThat(stats().get(Counter.COMPLETED)).isEqualTo(1);
    assertThat(stats().get(Counter.DOUBLED)).isEqualTo(1);
    assertThat(stats().get(Counter.UPDATES)).isEqualTo(2);
  }

  @Test
  void theOutputMustBeTheInputOfTheSameTask() throws Exception {
    JsonNode tasks = poll(5);
    send("POST", "/api/tasks", result(tasks.get(0), "COMPLETED", tasks.get(1).get("inputData")));
    send("POST", "/api/tasks", result(tasks.get(1), "COMPLETED", JSON.createObjectNode()));
    send("POST", "/api/tasks", result(tasks.get(2), "FAILED", tasks.get(2).get("inputData")));
    send("POST", "/api/tasks", result(tasks.get(3), "IN_PROGRESS", JSON.createObjectNode()));
    String cut = echo(tasks.get(4)).replace("\"outputData\":{", "\"outputData\":");
    send("POST", "/api/tasks", cut);
    assertThat(stats().get(Counter.WRONG)).isEqualTo(4);
    assertThat(stats().get(Counter.HANDED_BACK)).isEqualTo(1);
    assertThat(stats().get(Counter.COMPLETED)).isZero();
  }

  @Test
  void anUpdateOfTheSecondKindBringsTheNextTask() throws Exception {
    send("POST", "/reset?tasks=2", "");
    JsonNode first = poll(1).get(0);
    HttpResponse<String> answer = send("POST", "/api/tasks/update-v2", echo(first));
    JsonNode second = JSON.readTree(answer.body());
    assertThat(second.get("taskId")).isNotEqualTo(first.get("taskId"));
    assertThat(send("POST", "/api/tasks/update-v2", echo(second)).statusCode()).isEqualTo(204);
    assertThat(stats().get(Counter.UPDATES_V2)).isEqualTo(2);
    assertThat(stats().get(Counter.COMPLETED)).isEqualTo(2);
  }

  @Test
  void withoutWorkAPollIsEmptyAndASingleOneHasNoContent() throws Exception {
    poll(1);
    send("POST", "/dry-up", "");
    assertThat(poll(5).size()).isZero();
    assertThat(send("GET", "/api/tasks/poll/ship?workerid=w", "").statusCode()).isEqualTo(204);
    assertThat(stats().get(Counter.EMPTY_POLLS)).isEqualTo(2);
  }

  @Test
  void aLongPollWaitsForTheWholeCountAndNoLongerThanItsTime() throws Exception {
    send("POST", "/reset?rate=100", "");
    String path = "/api/tasks/poll/batch/ship?workerid=w&timeout=5000&count=";
    JsonNode tasks = JSON.readTree(send("GET", path + "20", "").body());
    assertThat(tasks.size()).isEqualTo(20);
    send("POST", "/reset?tasks=3", "");
    path = "/api/tasks/poll/batch/ship?workerid=w&timeout=50&count=";
    assertThat(JSON.readTree(send("GET", path + "20", "").body()).size()).isEqualTo(3);
  }

  @Test
  void aResetForgetsWhatWasCountedAndWhatIsOut() throws Exception {
    JsonNode task = poll(1).get(0);
    Counts before = Counts.parse(send("POST", "/reset", "").body());
    assertThat(before.get(Counter.HANDED_OUT)).isEqualTo(1);
    assertThat(stats().get(Counter.HANDED_OUT)).isZero();
    send("POST", "/api/tasks", echo(task));
    assertThat(stats().get(Counter.UNKNOWN)).isEqualTo(1);
  }

  @Test
  void whatItDoesNotKnowIsNotFoundAndCounted() throws Exception {
    assertThat(send("GET", "/api/workflow/1", "").statusCode()).isEqualTo(404);
    assertThat(send("POST", "/api/tasks", "{}").statusCode()).isEqualTo(404);
    assertThat(stats().get(Counter.OTHER)).isEqualTo(1);
    assertThat(stats().get(Counter.UNKNOWN)).isEqualTo(1);
  }
}
