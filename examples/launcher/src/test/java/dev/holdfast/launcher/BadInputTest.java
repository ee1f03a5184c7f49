package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each bad input is one clear line on stderr, and an exit code that says whose fault it is. */
@Timeout(60)
class BadInputTest {

  private static final String SERVER = "--server http://127.0.0.1:9/api";
  private static final String WORKER = "worker " + SERVER + " --task greet --handler echo ";
  private static final String TLS = "--server https://127.0.0.1:9/api --task greet ";
  private static final String SUBMIT = "submit " + SERVER + " --task greet ";
  private static final String DURATION =
      "expected a duration of more than zero, such as 500ms, 2s, 5m or 1h, at most 8760h";
  private static final String HANDLER =
      "expected echo, sleep:DURATION (such as sleep:100ms), or fail";

  private static final String ADDRESS =
      "expected an IP address of this machine, such as 127.0.0.1 or 0.0.0.0";
  private static final String OPEN =
      "others can reach it there, so it demands a token: expected CONDUCTOR_AUTH_KEY and"
          + " CONDUCTOR_AUTH_SECRET to be set";

  static Stream<Arguments> commandLines() {
    return Stream.of(
        arguments("frobnicate", "holdfast: unknown argument frobnicate"),
        arguments("wroker", "holdfast: unknown argument wroker: did you mean worker?"),
        arguments("--frobnicate", "holdfast: unknown option --frobnicate"),
        arguments("tail t1", "holdfast: the command tail has not landed yet"),
        arguments("outbox list", "holdfast: the command outbox has not landed yet"),
        arguments(
            "supervise -- worker --task x", "holdfast: the command supervise has not landed yet"),
        arguments(
            "worker --slot 3", "holdfast worker: unknown option --slot: did you mean --slots?"),
        arguments(WORKER + "more", "holdfast worker: unknown argument more"),
        arguments(WORKER + "--regions all", "holdfast worker: --regions has not landed yet"),
        arguments(
            WORKER + "--max-unreachable=120",
            "holdfast worker: --max-unreachable=120: expected never, or a duration of more than"
                + " zero, such as 500ms, 2s, 5m or 1h, at most 8760h"),
        arguments(
            WORKER + "--max-unreachable=0s",
            "holdfast worker: --max-unreachable=0s: expected never, or a duration of more than"
                + " zero, such as 500ms, 2s, 5m or 1h, at most 8760h"),
        arguments(
            WORKER + "--max-store-outage 5s",
            "holdfast worker: --max-store-outage has not landed yet"),
        arguments(
            WORKER + "--stall-timeout 0", "holdfast worker: --stall-timeout has not landed yet"),
        arguments(
            WORKER + "--no-exit-on-stall",
            "holdfast worker: --no-exit-on-stall has not landed yet"),
        arguments(WORKER + "--status-port 1", "holdfast worker: --status-port has not landed yet"),
        arguments(
            "worker --task greet --handler echo",
            "holdfast worker: no server: expected --server URL (or HOLDFAST_SERVER, or"
                + " CONDUCTOR_SERVER_URL)"),
        arguments(
            "worker --handler echo " + SERVER,
            "holdfast worker: --task is missing: expected --task TYPE[,TYPE...] (or HOLDFAST_TASK)"),
        arguments(
            "worker --task greet " + SERVER,
            "holdfast worker: --handler is missing: expected --handler SPEC (or HOLDFAST_HANDLER)"),
        arguments(
            "worker --task a --handler echo --server localhost:8080",
            "holdfast worker: --server: server URL \"localhost:8080\": it starts with neither"
                + " http:// nor https://; expected one such as http://127.0.0.1:8080/api"),
        arguments(
            "worker --task a --handler echo --server http://me:secret@h/api",
            "holdfast worker: --server: server URL \"…@h/api\": it holds credentials; expected one"
                + " such as http://127.0.0.1:8080/api"),
        arguments(
            "worker --task a --handler echo --server a/b=http://h/api",
            "holdfast worker: --server=a/b=http://h/api: expected a name of letters, digits and"
                + " . _ : - before the URL, 64 at most"),
        arguments(
            "worker --task a --handler echo --server http://a/api,http://b/api",
            "holdfast worker: --server=http://a/api,http://b/api: a list of servers has not landed"
                + " yet"),
        arguments(
            "submit --task a --server http://a/api,http://b/api",
            "holdfast submit: --server=http://a/api,http://b/api: a list of servers has not landed"
                + " yet"),
        arguments(
            WORKER + "--proxy https://p:1",
            "holdfast worker: --proxy: proxy URL \"https://p:1\": it is not http; expected one such"
                + " as http://proxy.example:3128"),
        arguments(
            WORKER + "--slots 0",
            "holdfast worker: --slots=0: expected a whole number from 1 to 10000"),
        arguments(
            WORKER + "--slots ten",
            "holdfast worker: --slots=ten: expected a whole number from 1 to 10000"),
        arguments(
            WORKER + "--slots",
            "holdfast worker: Missing required parameter for option '--slots' (N)"),
        arguments(
            WORKER + "--slots 1 --slots 2",
            "holdfast worker: option '--slots' (N) should be specified only once"),
        arguments(WORKER + "--drain-timeout 5", "holdfast worker: --drain-timeout=5: " + DURATION),
        arguments(WORKER + "--task-timeout 0s", "holdfast worker: --task-timeout=0s: " + DURATION),
        arguments(
            "worker --task a --handler shout " + SERVER,
            "holdfast worker: --handler=shout: " + HANDLER),
        arguments(
            "worker --task a --handler sleep:1 " + SERVER,
            "holdfast worker: --handler=sleep:1: " + HANDLER),
        arguments(
            "worker --handler echo --task a,,b " + SERVER,
            "holdfast worker: --task=a,,b: expected task types with commas between them, none of"
                + " them empty"),
        arguments(
            "worker --handler echo --task a,b,a " + SERVER,
            "holdfast worker: --task=a,b,a: a is there twice; expected each once"),
        arguments(
            WORKER + "--store sqlite:x.db",
            "holdfast worker: --store=sqlite:x.db: this store has not landed yet"),
        arguments(
            WORKER + "--store postgresql://u:pw@h/db",
            "holdfast worker: --store=postgresql://***@h/db: this store has not landed yet"),
        arguments(WORKER + "--store disk", "holdfast worker: --store=disk: expected memory"),
        arguments(
            WORKER + "--log-format xml",
            "holdfast worker: --log-format=xml: expected text or json"),
        arguments(
            WORKER + "--client-cert c.pem",
            "holdfast worker: --client-cert=c.pem: expected --client-key beside it"),
        arguments(
            WORKER + "--client-key k.pem",
            "holdfast worker: --client-key=k.pem: expected --client-cert beside it"),
        arguments(
            "submit " + SERVER,
            "holdfast submit: --task is missing: expected --task TYPE (or HOLDFAST_TASK)"),
        arguments(
            SUBMIT + "--count -1",
            "holdfast submit: --count=-1: expected a whole number from 1 to 1000000"),
        arguments(
            SUBMIT + "--input [1]",
            "holdfast submit: --input=[1]: expected a JSON object, such as {\"name\":\"Ada\"}"),
        arguments(
            SUBMIT + "--input {\"a'b\":1}",
            "holdfast submit: --input={\"a'b\":1}: expected names without quotes, backslashes,"
                + " braces and dollars, not a'b"),
        arguments(
            WORKER + "--ca ca.pem",
            "holdfast worker: --ca=ca.pem: has no effect on a server that is not https"),
        arguments(SUBMIT + "--slots 3", "holdfast submit: unknown option --slots"),
        arguments("demo fast", "holdfast demo: unknown argument fast"),
        arguments("demo --tasks 3", "holdfast demo: unknown option --tasks"),
        arguments(
            "demo --log-format xml", "holdfast demo: --log-format=xml: expected text or json"),
        arguments("server now", "holdfast server: unknown argument now"),
        arguments(
            "server --port http",
            "holdfast server: --port=http: expected a whole number from 0 to 65535"),
        arguments(
            "server --port 65536",
            "holdfast server: --port=65536: expected a whole number from 0 to 65535"),
        arguments(
            "server --port -1",
            "holdfast server: --port=-1: expected a whole number from 0 to 65535"),
        arguments("server --bind example.com", "holdfast server: --bind=example.com: " + ADDRESS),
        arguments("server --bind 127.0.0", "holdfast server: --bind=127.0.0: " + ADDRESS),
        arguments("server --bind 0.0.0.0", "holdfast server: --bind=0.0.0.0: " + OPEN),
        arguments("server --bind ::", "holdfast server: --bind=::: " + OPEN),
        arguments("server --bind 192.0.2.1", "holdfast server: --bind=192.0.2.1: " + OPEN),
        arguments("server --store disk", "holdfast server: --store=disk: expected memory"),
        arguments(
            "server --store sqlite:x.db",
            "holdfast server: --store=sqlite:x.db: this store has not landed yet"),
        arguments(
            "server --store postgresql://u:pw@h/db",
            "holdfast server: --store=postgresql://***@h/db: this store has not landed yet"));
  }

  @ParameterizedTest
  @MethodSource("commandLines")
  void onTheCommandLineItExitsWith2(String arguments, String expected) {
    InProcess command = InProcess.start(arguments.strip().split(" "));
    assertThat(command.exitCode()).isEqualTo(2);
    String name = expected.substring(0, expected.indexOf(':'));
    assertThat(command.err()).isEqualTo(expected + " (see " + name + " --help)\n");
    assertThat(command.out()).isEmpty();
  }

  static Stream<Arguments> variables() {
    String worker = "holdfast worker: ";
    return Stream.of(
        arguments(
            "HOLDFAST_SLOTS",
            "abc",
            worker + "HOLDFAST_SLOTS=abc: expected a whole number from 1 to 10000"),
        arguments(
            "HOLDFAST_DRAIN_TIMEOUT", "25", worker + "HOLDFAST_DRAIN_TIMEOUT=25: " + DURATION),
        arguments(
            "HOLDFAST_TASK_TIMEOUT", "inf", worker + "HOLDFAST_TASK_TIMEOUT=inf: " + DURATION),
        arguments(
            "HOLDFAST_LOG_FORMAT",
            "xml",
            worker + "HOLDFAST_LOG_FORMAT=xml: expected text or json"),
        arguments("HOLDFAST_STORE", "disk", worker + "HOLDFAST_STORE=disk: expected memory"),
        arguments(
            "HOLDFAST_STORE",
            "sqlite:x",
            worker + "HOLDFAST_STORE=sqlite:x: this store has not landed yet"),
        arguments(
            "HOLDFAST_STATUS_PORT",
            "8081",
            worker + "HOLDFAST_STATUS_PORT=8081: --status-port has not landed yet"),
        arguments(
            "HOLDFAST_REGIONS",
            "all",
            worker + "HOLDFAST_REGIONS=all: --regions has not landed yet"),
        arguments(
            "HOLDFAST_CA",
            "ca.pem",
            worker + "HOLDFAST_CA=ca.pem: has no effect on a server that is not https"),
        arguments(
            "CONDUCTOR_AUTH_KEY",
            "me",
            worker
                + "CONDUCTOR_AUTH_KEY is set and CONDUCTOR_AUTH_SECRET is not: expected both or"
                + " neither"),
        arguments(
            "CONDUCTOR_AUTH_SECRET",
            "hush",
            worker
                + "CONDUCTOR_AUTH_SECRET is set and CONDUCTOR_AUTH_KEY is not: expected both or"
                + " neither"));
  }

  @ParameterizedTest
  @MethodSource("variables")
  void inTheEnvironmentItExitsWith78(String name, String value, String expected) {
    InProcess command = InProcess.start(Map.of(name, value), WORKER.strip().split(" "));
    assertThat(command.exitCode()).isEqualTo(78);
    assertThat(command.err()).isEqualTo(expected + " (see holdfast worker --help)\n");
    assertThat(command.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "HOLDFAST_PORT,         http,    HOLDFAST_PORT=http: expected a whole number from 0 to 65535",
    "HOLDFAST_BIND,         nowhere, HOLDFAST_BIND=nowhere: expected an IP address of this machine",
    "HOLDFAST_BIND,         0.0.0.0, 'HOLDFAST_BIND=0.0.0.0: others can reach it there, so it'",
    "HOLDFAST_STORE,        sqlite:x, HOLDFAST_STORE=sqlite:x: this store has not landed yet",
    "CONDUCTOR_AUTH_SECRET, hush,    CONDUCTOR_AUTH_SECRET is set and CONDUCTOR_AUTH_KEY is not"
  })
  void inTheServersEnvironmentItExitsWith78(String name, String value, String expected) {
    InProcess command = InProcess.start(Map.of(name, value), "server");
    assertThat(command.exitCode()).isEqualTo(78);
    assertThat(command.err())
        .startsWith("holdfast server: " + expected)
        .endsWith(" (see holdfast server --help)\n")
        .hasLineCount(1);
    assertThat(command.out()).isEmpty();
  }

  @Test
  void aBadServerInTheEnvironmentNamesItsVariable() {
    InProcess command =
        InProcess.start(
            Map.of("CONDUCTOR_SERVER_URL", "ftp://x"), "worker", "--task=a", "--handler=echo");
    assertThat(command.exitCode()).isEqualTo(78);
    assertThat(command.err())
        .startsWith("holdfast worker: CONDUCTOR_SERVER_URL: server URL \"ftp://x\": it starts with")
        .hasLineCount(1);
  }

  @Test
  void aFileThatIsNotThereExitsWith78EvenIfAnOptionNamesIt() {
    InProcess command =
        InProcess.start(("worker --handler echo " + TLS + "--ca /no/such.pem").split(" "));
    assertThat(command.exitCode()).isEqualTo(78);
    assertThat(command.err())
        .isEqualTo(
            "holdfast worker: --ca=/no/such.pem: does not exist; expected a PEM file with certificates"
                + " (see holdfast worker --help)\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"worker", "submit"})
  void aFileThatHoldsNoCertificateExitsWith78AndIsNamed(String name, @TempDir Path folder)
      throws IOException {
    Path file = Files.writeString(folder.resolve("ca.pem"), "not a certificate");
    InProcess command =
        InProcess.start(
            (name + " " + TLS + (name.equals("worker") ? "--handler echo " : "") + "--ca " + file)
                .split(" "));
    assertThat(command.exitCode()).isEqualTo(78);
    assertThat(command.err())
        .contains("holdfast " + name + ": ")
        .contains(file.toString())
        .hasLineCount(1);
  }

  @Test
  void aDirectoryIsNoFile(@TempDir Path folder) {
    InProcess command = InProcess.start(("submit " + TLS + "--ca " + folder).split(" "));
    assertThat(command.exitCode()).isEqualTo(78);
    assertThat(command.err()).contains(folder + ": can't be read; expected a PEM file with");
  }

  @Test
  void aSecretIsNeverShown() {
    InProcess command =
        InProcess.start(
            Map.of(
                "CONDUCTOR_AUTH_SECRET", "hush-hush", "HOLDFAST_PROXY", "http://u:hush-hush@p:1"),
            WORKER.strip().split(" "));
    assertThat(command.exitCode()).isEqualTo(78);
    assertThat(command.err()).doesNotContain("hush-hush");
  }
}
