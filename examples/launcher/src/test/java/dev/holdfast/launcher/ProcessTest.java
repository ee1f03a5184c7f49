package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a process of its own: real signals, real streams, real exit codes. */
@Timeout(120)
class ProcessTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalDrainsTheWorker(String signal) throws Exception {
    try (ScriptedServer server = new ScriptedServer(new Tasks(1))) {
      Process worker = worker(server, "sleep:1s");
      InProcess.await(() -> err().contains("polls"));
      InProcess.await(() -> server.requests("GET", "/tasks/poll").size() > 1);
      kill(worker, signal);
      assertThat(exitCode(worker)).as(err()).isZero();
      assertThat(err()).contains("SIG" + signal + ": draining, for 25s at most");
      assertThat(server.requests("POST", "/tasks"))
          .as("what ran was finished and delivered")
          .singleElement()
          .satisfies(update -> assertThat(update.body()).contains("\"COMPLETED\""));
      assertThat(out())
          .isEqualTo(
              "{\"polled\":1,\"started\":1,\"completed\":1,\"failed\":0,\"released\":0,"
                  + "\"delivered\":1,\"rejected\":0,\"late\":0,\"outbox\":0}\n");
    }
  }

  @Test
  void aSecondSignalEndsTheProcessAtOnce() throws Exception {
    try (ScriptedServer server = new ScriptedServer(new Tasks(1))) {
      Process worker = worker(server, "sleep:1h");
      InProcess.await(() -> server.requests("GET", "/tasks/poll").size() > 1);
      kill(worker, "TERM");
      InProcess.await(() -> err().contains("SIGTERM: draining"));
      kill(worker, "TERM");
      long begun = System.nanoTime();
      assertThat(exitCode(worker)).as(err()).isEqualTo(75);
      assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(10));
      assertThat(err()).contains("SIGTERM again: ending at once, with 1 tasks running");
      assertThat(out()).hasLineCount(1).contains("\"started\":1,\"completed\":0");
    }
  }

  @Test
  void aServerThatStaysAwayEndsTheWorkerWith69() throws Exception {
    Process worker =
        start(
            Map.of("HOLDFAST_MAX_UNREACHABLE", "3s"),
            "worker",
            "--server=http://127.0.0.1:59/api",
            "--task=greet",
            "--handler=echo");
    assertThat(exitCode(worker)).as(err()).isEqualTo(69);
    assertThat(err())
        .containsSubsequence(
            "WARN  Server unreachable — retrying (1s/3s elapsed)\n",
            "ERROR Server unreachable for >3s, shutting down. Last error: Connection refused")
        .doesNotContain("\tat ", "Exception");
    assertThat(out()).hasLineCount(1).contains("\"polled\":0");
  }

  @Test
  void aServerThatRefusesTheKeyEndsTheWorkerWith77() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(request -> ScriptedServer.Answer.error(403, "not yours"))) {
      Process worker =
          start(
              Map.of("HOLDFAST_MAX_UNREACHABLE", "1s"),
              "worker",
              "--server",
              server.url(),
              "--task=greet",
              "--handler=echo");
      assertThat(exitCode(worker)).as(err()).isEqualTo(77);
      assertThat(err()).contains("CONDUCTOR_AUTH_KEY").doesNotContain("\tat ", "Exception");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalEndsTheServer(String signal) throws Exception {
    Process server = start(Map.of(), "server", "--port=0");
    InProcess.await(() -> out().endsWith("/api\n"));
    kill(server, signal);
    assertThat(exitCode(server)).as(err()).isZero();
    assertThat(err())
        .contains("one machine", "Conductor", "SIG" + signal + ": ending")
        .doesNotContain("WARN", "ERROR");
    assertThat(out()).hasLineCount(1).startsWith("http://127.0.0.1:");
  }

  @Test
  void theServerOfTheDemoGoesAwayAndComesBackAndNothingIsLost() throws Exception {
    Process demo = CommandProcess.start(DemoTest.Quick.class, folder, Map.of("TERM", "xterm"));
    assertThat(exitCode(demo)).as(out() + err()).isZero();
    assertThat(out())
        .containsSubsequence(
            "A task server and a worker",
            "a task server listens at http://127.0.0.1:",
            "60 tasks submitted; a worker with 8 slots runs them",
            "the server goes away",
            "waiting for the server: ",
            "the server is back",
            "delivered: the ",
            "20 tasks submitted on top",
            "all have ended",
            "finished while the server was away",
            "5 tasks failed at their first try",
            "holdfast submit --server",
            "       submitted 80\n",
            "       completed 80\n",
            "       run again ", // 5, and what the cut of a poll's answer hid
            "  delivered late ",
            "            lost 0\n")
        .endsWith("lost 0\n")
        .as("a file gets no control characters")
        .matches("[ -~\\n]*");
    assertThat(out().lines()).allMatch(line -> line.length() <= 80);
    assertThat(err())
        .contains(" WARN  Server unreachable — retrying (1s/40s elapsed)\n")
        .doesNotContain("\tat ", "ERROR");
    assertThat(err().lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void aSignalEndsTheDemo() throws Exception {
    Process demo = start(Map.of(), "demo");
    InProcess.await(() -> out().contains("tasks submitted"));
    kill(demo, "INT");
    assertThat(exitCode(demo)).as(err()).isEqualTo(1);
    assertThat(out()).contains("with 400 small tasks", "SIGINT: the demo ends here");
  }

  @Test
  void badInputEndsTheProcessWithItsCode() throws Exception {
    assertThat(exitCode(start(Map.of(), "worker", "--frobnicate"))).isEqualTo(2);
    assertThat(err())
        .isEqualTo("holdfast worker: unknown option --frobnicate (see holdfast worker --help)\n");
    Process bad =
        start(
            Map.of("HOLDFAST_SLOTS", "abc"),
            "worker",
            "--server=http://127.0.0.1:9/api",
            "--task=a",
            "--handler=echo");
    assertThat(exitCode(bad)).isEqualTo(78);
    assertThat(err()).startsWith("holdfast worker: HOLDFAST_SLOTS=abc: expected").hasLineCount(1);
    assertThat(out()).isEmpty();
  }

  private Process worker(ScriptedServer server, String handler) {
    return start(
        Map.of(), "worker", "--server", server.url(), "--task", "greet", "--handler", handler);
  }

  private Process start(Map<String, String> variables, String... arguments) {
    return CommandProcess.start(folder, variables, arguments);
  }

  private static void kill(Process process, String signal) {
    CommandProcess.kill(process, signal);
  }

  private static int exitCode(Process process) {
    return CommandProcess.exitCode(process);
  }

  private String out() {
    return CommandProcess.read(folder.resolve("out"));
  }

  private String err() {
    return CommandProcess.read(folder.resolve("err"));
  }
}
