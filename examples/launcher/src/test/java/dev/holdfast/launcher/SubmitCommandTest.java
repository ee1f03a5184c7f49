package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.launcher.ScriptedServer.Answer;
import dev.holdfast.launcher.ScriptedServer.Request;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class SubmitCommandTest {

  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void whatIsMissingIsRegisteredOnceAndTheWorkflowsAreStarted() {
    try (ScriptedServer server = new ScriptedServer(new Metadata())) {
      InProcess command = submit(server, "--input", "{\"name\":\"Ada\",\"a.b\":1}", "--count", "3");
      assertThat(command.exitCode()).as(command.err()).isZero();
      assertThat(command.err()).isEmpty();
      assertThat(command.out().lines()).containsExactlyInAnyOrder("wf-1", "wf-2", "wf-3");
      JsonNode task = body(server, "POST", "/metadata/taskdefs");
      assertThat(task.path(0).path("name").asString()).isEqualTo("greet");
      JsonNode workflow = body(server, "PUT", "/metadata/workflow");
      assertThat(workflow.path(0).path("name").asString()).isEqualTo("greet");
      JsonNode step = workflow.path(0).path("tasks").path(0);
      assertThat(step.path("type").asString()).isEqualTo("SIMPLE");
      assertThat(step.path("inputParameters"))
          .isEqualTo(
              JSON.readTree(
                  "{\"a.b\":\"${workflow.input['a.b']}\",\"name\":\"${workflow.input.name}\"}"));
      assertThat(server.requests("POST", "/workflow/greet"))
          .hasSize(3)
          .allSatisfy(
              request ->
                  assertThat(JSON.readTree(request.body()))
                      .isEqualTo(JSON.readTree("{\"name\":\"Ada\",\"a.b\":1}")));
      assertThat(server.requests("POST", "/metadata/workflow")).isEmpty();
    }
  }

  @Test
  void whatIsThereIsLeftAsItIs() {
    Metadata metadata = new Metadata();
    try (ScriptedServer server = new ScriptedServer(metadata)) {
      assertThat(submit(server, "--input", "{\"name\":1}").exitCode()).isZero();
      assertThat(submit(server, "--input", "{\"name\":2}").exitCode()).isZero();
      assertThat(server.requests("POST", "/metadata/taskdefs")).hasSize(1);
      assertThat(server.requests("PUT", "/metadata/workflow")).hasSize(1);
    }
  }

  @Test
  void aNewMemberOfTheInputIsAddedToAWorkflowOfOurOwn() {
    try (ScriptedServer server = new ScriptedServer(new Metadata())) {
      assertThat(submit(server, "--input", "{\"name\":1}").exitCode()).isZero();
      assertThat(submit(server, "--input", "{\"age\":2}").exitCode()).isZero();
      assertThat(server.requests("PUT", "/metadata/workflow")).hasSize(2);
      String last = server.requests("PUT", "/metadata/workflow").get(1).body();
      assertThat(last).contains("${workflow.input.name}", "${workflow.input.age}");
    }
  }

  @Test
  void aWorkflowOfSomebodyElseIsStartedAndNotTouched() {
    Metadata metadata = new Metadata();
    metadata.definitions.put(
        "/metadata/workflow/greet", "{\"name\":\"greet\",\"ownerEmail\":\"x@y.z\",\"tasks\":[]}");
    try (ScriptedServer server = new ScriptedServer(metadata)) {
      assertThat(submit(server, "--input", "{\"age\":2}").exitCode()).isZero();
      assertThat(server.requests("PUT", "/metadata/workflow")).isEmpty();
      assertThat(server.requests("POST", "/workflow/greet")).hasSize(1);
    }
  }

  @Test
  void waitPrintsTheFinalStatusOfEachAndSucceedsIfAllCompleted() {
    try (ScriptedServer server = new ScriptedServer(new Metadata())) {
      InProcess command = submit(server, "--count", "2", "--wait");
      assertThat(command.exitCode()).as(command.err()).isZero();
      assertThat(command.out().lines())
          .containsExactlyInAnyOrder("wf-1 COMPLETED", "wf-2 COMPLETED");
    }
  }

  @Test
  void waitExitsWith1IfOneDidNotComplete() {
    Metadata metadata = new Metadata();
    metadata.ends.put("wf-2", "TIMED_OUT");
    try (ScriptedServer server = new ScriptedServer(metadata)) {
      InProcess command = submit(server, "--count", "3", "--wait");
      assertThat(command.exitCode()).isEqualTo(1);
      assertThat(command.out().lines())
          .containsExactlyInAnyOrder("wf-1 COMPLETED", "wf-2 TIMED_OUT", "wf-3 COMPLETED");
    }
  }

  @Test
  void waitLivesThroughAServerThatStumbles() {
    Metadata metadata = new Metadata();
    AtomicInteger stumbles = new AtomicInteger(2);
    try (ScriptedServer server =
        new ScriptedServer(
            request ->
                request.is("GET", "/workflow/") && stumbles.getAndDecrement() > 0
                    ? Answer.html(502)
                    : metadata.apply(request))) {
      InProcess command = submit(server, "--wait");
      assertThat(command.exitCode()).as(command.err()).isZero();
      assertThat(command.err())
          .contains(
              "GET /workflow/wf-1?includeTasks=false: 502, the answer is not the API's; asking")
          .hasLineCount(1);
    }
  }

  @Test
  void notManyAreStartedAtOnce() {
    Metadata metadata = new Metadata();
    AtomicInteger now = new AtomicInteger();
    Set<Integer> seen = ConcurrentHashMap.newKeySet();
    try (ScriptedServer server =
        new ScriptedServer(
            request -> {
              if (!request.is("POST", "/workflow/")) {
                return metadata.apply(request);
              }
              seen.add(now.incrementAndGet());
              InProcess.pause(5);
              now.decrementAndGet();
              return metadata.apply(request);
            })) {
      InProcess command = submit(server, "--count", "40");
      assertThat(command.exitCode()).isZero();
      assertThat(command.out()).hasLineCount(40);
      assertThat(seen).contains(2).allMatch(parallel -> parallel <= 4);
    }
  }

  @Test
  void aFailureEndsTheStartsAndSaysHowManyThereWere() {
    Metadata metadata = new Metadata();
    AtomicInteger starts = new AtomicInteger();
    try (ScriptedServer server =
        new ScriptedServer(
            request ->
                request.is("POST", "/workflow/") && starts.incrementAndGet() > 10
                    ? Answer.error(500, "database is locked")
                    : metadata.apply(request))) {
      InProcess command = submit(server, "--count", "1000");
      assertThat(command.exitCode()).isEqualTo(1);
      assertThat(command.out()).hasLineCount(10);
      assertThat(starts.get()).isLessThan(20);
      assertThat(command.err())
          .contains("ERROR POST /workflow/greet: 500, database is locked")
          .contains("ERROR Started 10 of 1000 workflows of greet")
          .hasLineCount(2);
    }
  }

  @Test
  void theTokenIsFetchedOnceAndShownWithEachCall() {
    Metadata metadata = new Metadata();
    try (ScriptedServer server =
        new ScriptedServer(
            request ->
                request.is("POST", "/token")
                    ? Answer.json("{\"token\":\"tok\"}")
                    : metadata.apply(request))) {
      InProcess command =
          InProcess.start(
              Map.of("CONDUCTOR_AUTH_KEY", "me", "CONDUCTOR_AUTH_SECRET", "hush"),
              "submit",
              "--server",
              server.url(),
              "--task",
              "greet",
              "--count",
              "5");
      assertThat(command.exitCode()).as(command.err()).isZero();
      assertThat(server.requests("POST", "/token"))
          .singleElement()
          .satisfies(
              request ->
                  assertThat(JSON.readTree(request.body()))
                      .isEqualTo(JSON.readTree("{\"keyId\":\"me\",\"keySecret\":\"hush\"}")));
      assertThat(server.requests())
          .filteredOn(request -> !request.is("POST", "/token"))
          .hasSizeGreaterThan(5)
          .allMatch(request -> request.token().equals("tok"));
    }
  }

  @Test
  void aServerWithoutAuthenticationIsCalledWithoutAToken() {
    try (ScriptedServer server = new ScriptedServer(new Metadata())) {
      InProcess command =
          InProcess.start(
              Map.of("CONDUCTOR_AUTH_KEY", "me", "CONDUCTOR_AUTH_SECRET", "hush"),
              "submit",
              "--server",
              server.url(),
              "--task",
              "greet");
      assertThat(command.exitCode()).as(command.err()).isZero();
      assertThat(server.requests("POST", "/workflow/")).allMatch(r -> r.token().equals("null"));
    }
  }

  @Test
  void refusedCredentialsSayWhatToCheck() {
    try (ScriptedServer server = new ScriptedServer(request -> Answer.error(401, "no"))) {
      InProcess command = submit(server);
      assertThat(command.exitCode()).isEqualTo(1);
      assertThat(command.err())
          .contains("the server refuses the credentials: check CONDUCTOR_AUTH_KEY and CONDUCTOR_")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void anUnreachableServerIsAClearLine() {
    InProcess command =
        InProcess.start("submit", "--server", "http://127.0.0.1:59/api", "--task", "greet");
    assertThat(command.exitCode()).isEqualTo(1);
    assertThat(command.err())
        .contains("ERROR GET /metadata/taskdefs/greet: Connection refused: /127.0.0.1:59")
        .contains("Started 0 of 1 workflows")
        .hasLineCount(2);
  }

  @Test
  void htmlIsNoWorkflowId() {
    Metadata metadata = new Metadata();
    try (ScriptedServer server =
        new ScriptedServer(
            request ->
                request.is("POST", "/workflow/") ? Answer.html(200) : metadata.apply(request))) {
      InProcess command = submit(server);
      assertThat(command.exitCode()).isEqualTo(1);
      assertThat(command.out()).isEmpty();
      assertThat(command.err()).contains("<html>", "expected a workflow's id");
    }
  }

  @Test
  void aCutAnswerIsAClearLine() {
    Metadata metadata = new Metadata();
    try (ScriptedServer server =
        new ScriptedServer(
            request ->
                request.is("POST", "/workflow/") ? Answer.cut("wf-") : metadata.apply(request))) {
      InProcess command = submit(server);
      assertThat(command.exitCode()).isEqualTo(1);
      assertThat(command.out()).isEmpty();
      assertThat(command.err()).contains("POST /workflow/greet: ").hasLineCount(2);
    }
  }

  @Test
  void aStartWhoseAnswerWasLostIsNotRepeated() {
    Metadata metadata = new Metadata();
    try (ScriptedServer server =
        new ScriptedServer(
            request ->
                request.is("POST", "/workflow/") ? Answer.hangUp() : metadata.apply(request))) {
      InProcess command = submit(server);
      assertThat(command.exitCode()).isEqualTo(1);
      assertThat(server.requests("POST", "/workflow/")).hasSize(1);
      assertThat(command.err()).contains("POST /workflow/greet: ").hasLineCount(2);
    }
  }

  @Test
  void aSignalEndsTheWaitAndPrintsWhatIsKnown() {
    Metadata metadata = new Metadata();
    metadata.ends.put("wf-1", "RUNNING");
    try (ScriptedServer server = new ScriptedServer(metadata)) {
      InProcess command = submit(server, "--wait");
      InProcess.await(() -> !server.requests("GET", "/workflow/wf-1").isEmpty());
      command.signal("SIGINT");
      assertThat(command.exitCode()).isEqualTo(1);
      assertThat(command.out()).isEqualTo("wf-1 UNKNOWN\n");
      assertThat(command.err()).contains("SIGINT: ending; what was started runs on");
    }
  }

  @Test
  void aSignalEndsTheStartsAndWhatIsOnItsWayLands() {
    Metadata metadata = new Metadata();
    CountDownLatch go = new CountDownLatch(1);
    try (ScriptedServer server =
        new ScriptedServer(
            request -> {
              if (request.is("POST", "/workflow/")) {
                awaitLatch(go);
              }
              return metadata.apply(request);
            })) {
      InProcess command = submit(server, "--count", "1000");
      InProcess.await(() -> server.requests("POST", "/workflow/").size() == 4);
      command.signal("SIGTERM");
      go.countDown();
      assertThat(command.exitCode()).isEqualTo(1);
      assertThat(command.out()).hasLineCount(4);
      assertThat(server.requests("POST", "/workflow/")).hasSize(4);
      assertThat(command.err()).contains("Started 4 of 1000 workflows");
    }
  }

  private static InProcess submit(ScriptedServer server, String... more) {
    String[] all = new String[5 + more.length];
    all[0] = "submit";
    all[1] = "--server";
    all[2] = server.url();
    all[3] = "--task";
    all[4] = "greet";
    System.arraycopy(more, 0, all, 5, more.length);
    return InProcess.start(all);
  }

  private static JsonNode body(ScriptedServer server, String method, String path) {
    assertThat(server.requests(method, path)).hasSize(1);
    return JSON.readTree(server.requests(method, path).get(0).body());
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Keeps definitions, and ends each workflow at the second look. */
  private static final class Metadata implements Function<Request, Answer> {

    final Map<String, String> definitions = new ConcurrentHashMap<>();
    final Map<String, String> ends = new ConcurrentHashMap<>();
    private final Set<String> lookedAt = ConcurrentHashMap.newKeySet();
    private final AtomicInteger started = new AtomicInteger();

    @Override
    public Answer apply(Request request) {
      if (request.is("GET", "/metadata/")) {
        String found = definitions.get(request.path());
        return found == null ? Answer.error(404, "no such definition") : Answer.json(found);
      }
      if (request.is("POST", "/metadata/taskdefs") || request.is("PUT", "/metadata/workflow")) {
        JsonNode definition = JSON.readTree(request.body()).path(0);
        definitions.put(
            request.path() + "/" + definition.path("name").asString(), definition.toString());
        return Answer.text("");
      }
      if (request.is("POST", "/workflow/")) {
        return Answer.text("wf-" + started.incrementAndGet());
      }
      if (request.is("GET", "/workflow/")) {
        String id = request.path().replaceAll("^/workflow/|\\?.*$", "");
        String status = lookedAt.add(id) ? "RUNNING" : ends.getOrDefault(id, "COMPLETED");
        return Answer.json("{\"workflowId\":\"%s\",\"status\":\"%s\"}".formatted(id, status));
      }
      return Answer.error(404, "no such resource");
    }
  }
}
