package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server command, with submit and worker against it as they are against Conductor. */
@Timeout(120)
class ServerCommandTest {

  private static final Map<String, String> KEY =
      Map.of("CONDUCTOR_AUTH_KEY", "me", "CONDUCTOR_AUTH_SECRET", "hush-hush");
  private static final Map<String, String> WRONG_KEY =
      Map.of("CONDUCTOR_AUTH_KEY", "me", "CONDUCTOR_AUTH_SECRET", "a guess");

  private final List<InProcess> servers = new ArrayList<>();

  @AfterEach
  void nothingServesOn() {
    for (InProcess server : servers) {
      if (server.isRunning()) {
        server.signal("SIGTERM");
        assertThat(server.exitCode()).isZero();
      }
    }
  }

  @Test
  void whatIsSubmittedIsRunByAWorkerAndSeenToComplete() {
    InProcess server = server(Map.of());
    InProcess worker = worker(Map.of(), server);
    InProcess submit = submit(Map.of(), server, "--count", "25", "--wait");
    assertThat(submit.exitCode()).as(submit.err()).isZero();
    assertThat(submit.out().lines()).hasSize(25).allMatch(line -> line.endsWith(" COMPLETED"));
    worker.signal("SIGTERM");
    assertThat(worker.exitCode()).as(worker.err()).isZero();
    assertThat(worker.out()).contains("\"completed\":25,\"failed\":0").contains("\"outbox\":0");
  }

  @Test
  void itSaysOnStdoutWhereItServesAndInTheLogWhatItIsFor() {
    InProcess server = server(Map.of());
    server.signal("SIGTERM");
    assertThat(server.exitCode()).isZero();
    assertThat(server.out()).matches("http://127\\.0\\.0\\.1:[0-9]+/api\\n");
    assertThat(server.err())
        .contains("one machine", "Conductor", "INFO  SIGTERM: ending")
        .doesNotContain("WARN", "ERROR", "\tat ");
  }

  @Test
  void theEnvironmentAloneIsEnough() throws IOException {
    int port = freePort();
    InProcess server =
        InProcess.start(
            Map.of(
                "HOLDFAST_PORT",
                Integer.toString(port),
                "HOLDFAST_BIND",
                "127.0.0.2",
                "HOLDFAST_STORE",
                "memory"),
            "server");
    servers.add(server);
    server.awaitOut("http://127.0.0.2:" + port + "/api\n");
  }

  @Test
  void aPortThatIsTakenIsOneLine() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InProcess server = InProcess.start("server", "--port", "" + taken.getLocalPort());
      assertThat(server.exitCode()).isEqualTo(1);
      assertThat(server.err())
          .startsWith("holdfast server: ")
          .contains("127.0.0.1", "" + taken.getLocalPort())
          .doesNotContain("Exception", "\tat ")
          .hasLineCount(1);
      assertThat(server.out()).isEmpty();
    }
  }

  @Test
  void anAddressOfAnotherMachineIsOneLine() {
    InProcess server = InProcess.start(KEY, "server", "--port=0", "--bind=192.0.2.1");
    assertThat(server.exitCode()).isEqualTo(1);
    assertThat(server.err().lines().filter(line -> line.startsWith("holdfast server: ")))
        .singleElement()
        .satisfies(line -> assertThat(line).contains("192.0.2.1").doesNotContain("Exception"));
    assertThat(server.err()).doesNotContain("\tat ");
    assertThat(server.out()).isEmpty();
  }

  @Test
  void beyondLoopbackOnlyWhoKnowsTheKeyIsServed() {
    InProcess server = server(KEY, "--bind", "0.0.0.0");
    assertThat(server.out()).startsWith("http://127.0.0.1:");
    assertThat(server.err()).contains("WARN  Others can reach 0.0.0.0");
    InProcess without = submit(Map.of(), server);
    assertThat(without.exitCode()).isEqualTo(1);
    assertThat(without.err()).contains("401", "check CONDUCTOR_AUTH_KEY").hasLineCount(2);
    InProcess wrong = submit(WRONG_KEY, server);
    assertThat(wrong.exitCode()).isEqualTo(1);
    assertThat(without.out() + wrong.out()).isEmpty();
    InProcess worker = worker(KEY, server);
    InProcess with = submit(KEY, server, "--wait");
    assertThat(with.exitCode()).as(with.err()).isZero();
    assertThat(with.out()).contains(" COMPLETED");
    worker.signal("SIGTERM");
    assertThat(worker.exitCode()).isZero();
    assertThat(server.err() + worker.err() + wrong.err()).doesNotContain("hush-hush", "a guess");
  }

  @Test
  void aKeyIsAskedForOnLoopbackTooIfItIsSet() {
    InProcess server = server(KEY);
    assertThat(submit(Map.of(), server).exitCode()).isEqualTo(1);
    assertThat(submit(KEY, server).exitCode()).isZero();
  }

  private InProcess server(Map<String, String> variables, String... more) {
    List<String> arguments = new ArrayList<>(List.of("server", "--port", "0"));
    arguments.addAll(List.of(more));
    InProcess server = InProcess.start(variables, arguments.toArray(String[]::new));
    servers.add(server);
    server.awaitOut("/api\n");
    return server;
  }

  private static InProcess worker(Map<String, String> variables, InProcess server) {
    return InProcess.start(
        variables, "worker", "--server", url(server), "--task", "greet", "--handler", "echo");
  }

  private static InProcess submit(Map<String, String> variables, InProcess server, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "submit", "--server", url(server), "--task=greet", "--input={\"name\":\"Ada\"}"));
    arguments.addAll(List.of(more));
    return InProcess.start(variables, arguments.toArray(String[]::new));
  }

  private static String url(InProcess server) {
    return server.out().strip();
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }
}
