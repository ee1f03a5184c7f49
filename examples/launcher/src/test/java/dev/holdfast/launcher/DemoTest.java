package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.event.Level;

/** The demo at another pace: what it shows, and that it can tell when something is lost. */
@Timeout(120)
class DemoTest {

  private static final DemoPlan FAST = plan(60, 20, 8, 200, 260, Duration.ofSeconds(40));

  private static final Pattern URL = Pattern.compile("http://127\\.0\\.0\\.1:[0-9]+/api");

  private final Ledger ledger = new Ledger();

  @Test
  void onATerminalTheLogStandsInLinesOfItsOwn() {
    InProcess demo = start(FAST, true, Map.of("TERM", "xterm"));
    assertThat(demo.exitCode()).as(demo.out() + demo.err()).isZero();
    assertThat(demo.out()).contains("\r", "server away").endsWith("lost 0\n");
    assertThat(demo.err())
        .as("no control characters there, whoever reads it")
        .matches("(\\d\\d:\\d\\d:\\d\\d\\.\\d{3} (WARN|INFO)  [^\\n\\r\\u001b]+\\n)+");
  }

  @Test
  void aWorkflowThatTheServerHasLostIsFound() {
    ledger.add("no-such-workflow");
    InProcess demo = start(FAST, false, Map.of());
    assertThat(demo.exitCode()).isEqualTo(1);
    assertThat(demo.out())
        .contains("  no-such-workflow UNKNOWN\n", "submitted 81\n", "completed 80\n")
        .endsWith("            lost 1\n");
  }

  @Test
  void aWorkflowThatIsTerminatedIsLost() {
    InProcess demo = start(plan(30, 0, 2, 150, 200, Duration.ofSeconds(40)), false, Map.of());
    demo.awaitOut("30 tasks submitted");
    List<String> ids = ledger.ids();
    String victim = ids.get(ids.size() - 1);
    InProcess.await(() -> isTerminated(url(demo), victim));
    assertThat(demo.exitCode()).isEqualTo(1);
    assertThat(demo.out())
        .contains("  " + victim + " TERMINATED\n", "completed 29\n")
        .doesNotContain("were delivered")
        .endsWith("            lost 1\n");
  }

  @Test
  void aDemoThatTakesTooLongSaysWhatIsMissing() {
    InProcess demo = start(plan(30, 5, 1, 300, 400, Duration.ofSeconds(2)), false, Map.of());
    assertThat(demo.exitCode()).isEqualTo(1);
    assertThat(demo.out())
        .contains("not done within 2s: the demo ends here", " RUNNING\n", "submitted 30\n")
        .doesNotContain("lost 0");
  }

  @Test
  void aSignalEndsItAtOnceAndClosesThePort() {
    InProcess demo = start(plan(60, 0, 1, 900, 1000, Duration.ofSeconds(40)), false, Map.of());
    demo.awaitOut("60 tasks submitted");
    long begun = System.nanoTime();
    demo.signal("SIGINT");
    assertThat(demo.exitCode()).isEqualTo(1);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    assertThat(demo.out()).contains("SIGINT: the demo ends here, with ").contains(" of 60 tasks");
    assertThat(demo.out()).doesNotContain("            lost");
    int port = URI.create(url(demo)).getPort();
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
        .isInstanceOf(ConnectException.class);
  }

  /** Terminates a workflow; false while the server is away. */
  private static boolean isTerminated(String url, String id) {
    try {
      HttpRequest delete =
          HttpRequest.newBuilder(URI.create(url + "/workflow/" + id)).DELETE().build();
      return HttpClient.newHttpClient()
              .send(delete, HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The demo as a process of its own, at a pace that a test can wait for. */
  static final class Quick {

    private Quick() {}

    public static void main(String[] arguments) {
      Shell shell = Shell.ofProcess();
      DemoScreen screen = DemoScreen.of(shell);
      LogFormat.TEXT.install(screen.above(shell.err()), Level.WARN);
      System.exit(new Demo(FAST, new Ledger(), screen, shell).run());
    }
  }

  private InProcess start(DemoPlan plan, boolean terminal, Map<String, String> variables) {
    return InProcess.start(
        variables,
        terminal,
        shell -> {
          DemoScreen screen = DemoScreen.of(shell);
          LogFormat.TEXT.install(screen.above(shell.err()), Level.WARN);
          return new Demo(plan, ledger, screen, shell).run();
        });
  }

  private static DemoPlan plan(
      int first, int more, int slots, int shortest, int longest, Duration limit) {
    return new DemoPlan(
        first,
        more,
        slots,
        Duration.ofMillis(shortest),
        Duration.ofMillis(longest),
        Duration.ofMillis(700),
        limit);
  }

  private static String url(InProcess demo) {
    return URL.matcher(demo.out()).results().map(MatchResult::group).findFirst().orElseThrow();
  }
}
