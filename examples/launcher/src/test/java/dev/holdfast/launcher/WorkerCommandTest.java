package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.launcher.ScriptedServer.Answer;
import dev.holdfast.launcher.ScriptedServer.Request;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The worker command against a server that behaves well, badly, or not at all. */
@Timeout(120)
class WorkerCommandTest {

  private static final String NOTHING_DONE =
      "{\"polled\":0,\"started\":0,\"completed\":0,\"failed\":0,\"released\":0,"
          + "\"delivered\":0,\"rejected\":0,\"late\":0,\"outbox\":0}\n";

  @Test
  void aTaskIsPolledEchoedAndDeliveredAndTheDrainEndsWith0() {
    Tasks tasks = new Tasks(1);
    try (ScriptedServer server = new ScriptedServer(tasks)) {
      InProcess worker = start(server, "--handler", "echo", "--worker-id", "me");
      InProcess.await(() -> !server.requests("POST", "/tasks").isEmpty());
      worker.signal("SIGTERM");
      assertThat(worker.exitCode()).as(worker.err()).isZero();
      assertThat(server.requests("POST", "/tasks"))
          .singleElement()
          .satisfies(
              update ->
                  assertThat(update.body())
                      .contains("\"taskId\":\"t1\"", "\"status\":\"COMPLETED\"")
                      .contains("\"name\" : \"Ada\""));
      assertThat(server.requests("GET", "/tasks/poll/batch/greet").get(0).path())
          .contains("workerid=me")
          .doesNotContain("domain");
      assertThat(worker.out())
          .isEqualTo(
              "{\"polled\":1,\"started\":1,\"completed\":1,\"failed\":0,\"released\":0,"
                  + "\"delivered\":1,\"rejected\":0,\"late\":0,\"outbox\":0}\n");
      assertThat(worker.err())
          .contains("INFO  Server " + server.url() + ": handler echo; results wait in memory")
          .contains("INFO  SIGTERM: draining, for 25s at most; a second signal ends at once");
    }
  }

  @Test
  void theFailHandlerFailsItsTask() {
    try (ScriptedServer server = new ScriptedServer(new Tasks(1))) {
      InProcess worker = start(server, "--handler", "fail");
      InProcess.await(() -> !server.requests("POST", "/tasks").isEmpty());
      worker.signal("SIGINT");
      assertThat(worker.exitCode()).isZero();
      assertThat(server.requests("POST", "/tasks").get(0).body())
          .contains("\"status\":\"FAILED\"", HandlerSpec.FAILURE);
      assertThat(worker.out()).contains("\"failed\":1");
    }
  }

  @Test
  void theEnvironmentAloneIsEnough() {
    try (ScriptedServer server = new ScriptedServer(new Tasks(0))) {
      InProcess worker =
          InProcess.start(
              Map.of(
                  "CONDUCTOR_SERVER_URL", server.url(),
                  "HOLDFAST_TASK", "a,b",
                  "HOLDFAST_HANDLER", "echo",
                  "HOLDFAST_DOMAIN", "blue",
                  "HOLDFAST_DRAIN_TIMEOUT", "3s",
                  "HOLDFAST_WORKER_ID", "from-the-environment"),
              "worker",
              "--worker-id",
              "from-the-option");
      InProcess.await(
          () ->
              !server.requests("GET", "/tasks/poll/batch/a?").isEmpty()
                  && !server.requests("GET", "/tasks/poll/batch/b?").isEmpty());
      worker.signal("SIGTERM");
      assertThat(worker.exitCode()).isZero();
      assertThat(worker.err()).contains("for 3s at most");
      assertThat(server.requests("GET", "/tasks/poll/batch/"))
          .allMatch(poll -> poll.path().contains("workerid=from-the-option"))
          .allMatch(poll -> poll.path().contains("domain=blue"));
    }
  }

  @Test
  void holdfastsVariableBeatsConductors() {
    try (ScriptedServer server = new ScriptedServer(new Tasks(0))) {
      InProcess worker =
          InProcess.start(
              Map.of(
                  "CONDUCTOR_SERVER_URL",
                  "http://127.0.0.1:9/api",
                  "HOLDFAST_SERVER",
                  server.url()),
              "worker",
              "--task",
              "greet",
              "--handler",
              "echo");
      InProcess.await(() -> !server.requests("GET", "/tasks/poll/batch/greet").isEmpty());
      worker.signal("SIGTERM");
      assertThat(worker.exitCode()).isZero();
    }
  }

  @Test
  void theLogIsJsonIfAskedFor() {
    try (ScriptedServer server = new ScriptedServer(new Tasks(0))) {
      InProcess worker = start(server, "--handler", "echo", "--log-format", "json");
      worker.awaitErr("handler echo");
      worker.signal("SIGTERM");
      assertThat(worker.exitCode()).isZero();
      assertThat(worker.err().lines())
          .hasSizeGreaterThan(1)
          .allMatch(line -> line.startsWith("{\"ts\":\""));
      assertThat(worker.out()).isEqualTo(NOTHING_DONE);
    }
  }

  @Test
  void anUnreachableServerIsGivenUpAfterTheLimit() {
    InProcess worker =
        InProcess.start(
            "worker",
            "--server=http://127.0.0.1:59/api",
            "--task=greet,send",
            "--handler=echo",
            "--max-unreachable=2s");
    assertThat(worker.exitCode()).as(worker.err()).isEqualTo(69);
    assertThat(worker.out()).isEqualTo(NOTHING_DONE);
    assertThat(worker.err())
        .contains("gives up after 2s without the server")
        .containsSubsequence(
            "WARN  Server unreachable — retrying (1s/2s elapsed)\n",
            "ERROR Server unreachable for >2s, shutting down. Last error: Connection refused")
        .doesNotContain("INFO  Server reachable");
    assertThat(worker.err().lines().filter(line -> line.contains(" ERROR ")))
        .as("one outage, one line at its end")
        .hasSize(1);
    onlyLogLines(worker);
  }

  @Test
  void aWorkerThatNeverGivesUpSaysSo() {
    InProcess worker =
        InProcess.start(
            Map.of("HOLDFAST_MAX_UNREACHABLE", "never"),
            "worker",
            "--server=http://127.0.0.1:59/api",
            "--task=greet",
            "--handler=echo");
    worker.awaitErr("WARN  Server unreachable — retrying (1s elapsed, no limit)");
    assertThat(worker.err()).contains("never gives up without the server");
    endsWellAfterTrouble(worker);
  }

  @Test
  void anUnreachableServerLeavesTheWorkerAliveForTwoMinutes() {
    InProcess worker =
        InProcess.start(
            "worker", "--server=http://127.0.0.1:59/api", "--task=greet", "--handler=echo");
    worker.awaitErr("WARN  Server unreachable — retrying (1s/120s elapsed)");
    endsWellAfterTrouble(worker);
  }

  @Test
  void resultsThatWaitAtTheGiveUpAreListedAsLostAndTheCodeSaysWhy() {
    Tasks tasks = new Tasks(1);
    InProcess worker;
    try (ScriptedServer server = new ScriptedServer(tasks)) {
      worker = start(server, "--handler", "sleep:500ms", "--max-unreachable", "2s");
      InProcess.await(() -> server.requests("GET", "/tasks/poll").size() > 1);
    }
    assertThat(worker.exitCode()).as(worker.err()).isEqualTo(69);
    assertThat(worker.out()).contains("\"completed\":1", "\"delivered\":0", "\"outbox\":1");
    assertThat(worker.err())
        .containsSubsequence(
            "WARN  Server unreachable — retrying (",
            "ERROR Server unreachable for >2s, shutting down. Last error: ",
            "ERROR 1 results are lost, since they waited in memory: ",
            "t1#1@");
    onlyLogLines(worker);
  }

  @Test
  void aKeyThatIsRefusedForGoodEndsWith77AndSaysWhatToCheck() {
    refusesForGood(
        Map.of("CONDUCTOR_AUTH_KEY", "k", "CONDUCTOR_AUTH_SECRET", "hush"),
        "ERROR The server does not take the key: check CONDUCTOR_AUTH_KEY and"
            + " CONDUCTOR_AUTH_SECRET\n");
  }

  @Test
  void aServerThatWantsATokenNobodyGaveEndsWith77AndSaysWhatToSet() {
    refusesForGood(
        Map.of(),
        "ERROR The server wants a token, and no key was given: set CONDUCTOR_AUTH_KEY and"
            + " CONDUCTOR_AUTH_SECRET\n");
  }

  private static void refusesForGood(Map<String, String> credentials, String said) {
    try (ScriptedServer server = new ScriptedServer(request -> Answer.error(401, "who are you"))) {
      InProcess worker =
          InProcess.start(
              credentials,
              "worker",
              "--server",
              server.url(),
              "--task=greet",
              "--handler=echo",
              "--max-unreachable=2s");
      assertThat(worker.exitCode()).as(worker.err()).isEqualTo(77);
      assertThat(worker.out()).isEqualTo(NOTHING_DONE);
      assertThat(worker.err())
          .containsSubsequence(
              "WARN  Server refuses the credentials for ",
              "retrying (1s/2s elapsed)",
              "ERROR Server refuses the credentials for >2s, shutting down.",
              said)
          .doesNotContain("hush");
      onlyLogLines(worker);
    }
  }

  @Test
  void aServerWithoutTheApiLeavesTheWorkerAlive() {
    survives(request -> Answer.html(404), "404");
  }

  @Test
  void anErrorOfTheApiLeavesTheWorkerAlive() {
    survives(request -> Answer.error(404, "no such queue"), "no such queue");
  }

  @Test
  void htmlInsteadOfJsonLeavesTheWorkerAlive() {
    survives(request -> Answer.html(200), "html");
  }

  @Test
  void aServerThatHangsUpLeavesTheWorkerAlive() {
    survives(request -> Answer.hangUp(), "Server unreachable — retrying (");
  }

  @Test
  void cutJsonLeavesTheWorkerAlive() {
    survives(request -> Answer.cut("[{\"taskId\":\"t"), "");
  }

  @Test
  void aSecondSignalEndsAtOnceAndSaysWhatIsLeft() {
    try (ScriptedServer server = new ScriptedServer(new Tasks(1))) {
      InProcess worker = start(server, "--handler", "sleep:1h", "--drain-timeout", "2s");
      InProcess.await(() -> server.requests("GET", "/tasks/poll").size() > 1);
      worker.signal("SIGTERM");
      worker.awaitErr("SIGTERM: draining");
      worker.signal("SIGINT");
      assertThat(worker.haltCode()).isEqualTo(75);
      assertThat(worker.err())
          .contains("SIGINT again: ending at once, with 1 tasks running and 0 results waiting");
      assertThat(worker.out()).hasLineCount(1).contains("\"started\":1,\"completed\":0");
      // A process would be gone; here its log would turn up in another test's.
      InProcess.await(() -> !worker.isRunning());
    }
  }

  @Test
  void resultsThatNobodyTookAreListedAndExitWith75() {
    Tasks tasks = new Tasks(2);
    try (ScriptedServer server =
        new ScriptedServer(
            request ->
                request.is("POST", "/tasks")
                    ? Answer.error(503, "too busy")
                    : tasks.apply(request))) {
      InProcess worker = start(server, "--handler", "echo", "--drain-timeout", "1s");
      InProcess.await(() -> server.requests("POST", "/tasks").size() >= 2);
      worker.signal("SIGTERM");
      assertThat(worker.exitCode()).as(worker.err()).isEqualTo(75);
      assertThat(worker.out()).contains("\"completed\":2").contains("\"outbox\":2");
      assertThat(worker.err())
          .contains("ERROR 2 results are lost, since they waited in memory: ")
          .contains("t1#1@", "t2#1@")
          .doesNotContain("\tat ");
    }
  }

  private static void survives(Function<Request, Answer> script, String said) {
    try (ScriptedServer server = new ScriptedServer(script)) {
      InProcess worker = start(server, "--handler", "echo");
      InProcess.await(() -> server.requests().size() > 1);
      worker.awaitErr("WARN");
      endsWellAfterTrouble(worker);
      assertThat(worker.err()).contains(said);
    }
  }

  private static void endsWellAfterTrouble(InProcess worker) {
    assertThat(worker.isRunning()).isTrue();
    worker.signal("SIGTERM");
    assertThat(worker.exitCode()).as(worker.err()).isZero();
    assertThat(worker.out()).isEqualTo(NOTHING_DONE);
    onlyLogLines(worker);
  }

  private static void onlyLogLines(InProcess worker) {
    assertThat(worker.err())
        .as("no stack trace, and every line is a log line")
        .doesNotContain("\tat ", "Exception")
        .matches("(\\d\\d:\\d\\d:\\d\\d\\.\\d{3} (INFO |WARN |ERROR) [^\\n]+\\n)+");
  }

  private static InProcess start(ScriptedServer server, String... more) {
    String[] all = new String[5 + more.length];
    all[0] = "worker";
    all[1] = "--server";
    all[2] = server.url();
    all[3] = "--task";
    all[4] = "greet";
    System.arraycopy(more, 0, all, 5, more.length);
    return InProcess.start(all);
  }
}
