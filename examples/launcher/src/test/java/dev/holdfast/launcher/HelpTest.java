package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HelpTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "-h",
        "demo --help",
        "server --help",
        "worker --help",
        "submit --help",
        "worker -h"
      })
  void helpGoesToStdoutInEightyColumns(String arguments) {
    InProcess command = InProcess.start(arguments.split(" "));
    assertThat(command.exitCode()).isZero();
    assertThat(command.err()).isEmpty();
    assertThat(command.out().lines()).hasSizeGreaterThan(10).allMatch(line -> line.length() <= 80);
    assertThat(command.out()).startsWith("Usage: holdfast ");
  }

  @Test
  void withoutACommandTheUsageGoesToStderr() {
    InProcess command = InProcess.start();
    assertThat(command.exitCode()).isEqualTo(2);
    assertThat(command.out()).isEmpty();
    assertThat(command.err())
        .startsWith("Usage: holdfast ")
        .contains("demo", "server", "worker", "submit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "-V", "worker --version"})
  void theVersionGoesToStdout(String arguments) {
    InProcess command = InProcess.start(arguments.split(" "));
    assertThat(command.exitCode()).isZero();
    assertThat(command.out()).startsWith("holdfast ").hasLineCount(1);
  }

  @Test
  void theWorkersHelpNamesWhatWorksAndNothingElse() {
    InProcess command = InProcess.start("worker", "--help");
    assertThat(command.exitCode()).isZero();
    assertThat(command.out())
        .contains("--server", "--task", "--handler", "--slots", "--worker-id", "--domain")
        .contains("--drain-timeout", "25s", "--task-timeout", "1h", "--ca", "--client-cert")
        .contains("--client-key", "--proxy", "--store", "--log-format")
        .contains("CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET", "CONDUCTOR_SERVER_URL")
        .contains("  0 ", "  1 ", "  2 ", " 69 ", " 75 ", " 77 ", " 78 ")
        .contains("--max-unreachable", "never", "120s")
        .doesNotContain("sqlite", "--regions", "--max-store", "--stall", "--status-port", " 70 ");
  }

  @Test
  void theServersHelpNamesItsOptionsAndHowItEnds() {
    InProcess command = InProcess.start("server", "--help");
    assertThat(command.exitCode()).isZero();
    assertThat(command.out())
        .contains("Options:", "--port", "8080", "--bind", "127.0.0.1", "--store", "memory")
        .contains("CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET", "HOLDFAST_PORT")
        .contains("one machine", "Conductor", "  0 ", "  1 ", "  2 ", " 78 ")
        .doesNotContain("sqlite", "Server:", "Work:");
  }

  @Test
  void theDemosHelpHasNoOptionsOfItsOwn() {
    InProcess command = InProcess.start("demo", "--help");
    assertThat(command.exitCode()).isZero();
    assertThat(command.out())
        .contains("Common:", "NO_COLOR", "  0 ", "  1 ", "  2 ")
        .doesNotContain("Options:", "Server:", "Work:");
  }
}
