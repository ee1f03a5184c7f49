package dev.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.client.PollRequest;
import dev.holdfast.conductor.ConductorSpec;
import dev.holdfast.conductor.ConductorTaskClient;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Who gets in, and where the server lets itself be reached. */
@Timeout(60)
@ExtendWith(LeakDetection.class)
class AccessTest {

  private static final LocalServerSpec LOCKED =
      LocalServerSpec.create().credentials("key-1", "hush-hush");

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "10.1.2.3", "128.0.0.1"})
  void beyondLoopbackItDoesNotStartWithoutCredentials(String address) {
    assertThatThrownBy(() -> Servers.start(LocalServerSpec.create().bind(address)))
        .isInstanceOf(LocalServerException.class)
        .hasMessageContaining(address)
        .hasMessageContaining("CONDUCTOR_AUTH_KEY");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.3.2.1", "localhost"})
  void onLoopbackItStartsWithout(String address) {
    LocalTaskServer server = Servers.start(LocalServerSpec.create().bind(address));
    Servers.stop(server);
    assertThat(server.url()).endsWith(":" + server.port() + "/api");
  }

  @Test
  void withCredentialsItListensEverywhere() {
    LocalTaskServer server = Servers.start(LOCKED.bind("0.0.0.0"));
    try {
      assertThat(server.url()).isEqualTo("http://127.0.0.1:" + server.port() + "/api");
      assertThat(new Caller(server).get("/health").statusCode()).isEqualTo(200);
    } finally {
      Servers.stop(server);
    }
  }

  @Test
  void aPortThatIsTakenIsAnErrorOfOneLine() {
    LocalTaskServer first = Servers.start();
    try {
      assertThatThrownBy(() -> Servers.startAt(first.port(), LocalServerSpec.create()))
          .isInstanceOf(LocalServerException.class)
          .hasMessageStartingWith("Can't listen on 127.0.0.1 port " + first.port() + ": ")
          .hasMessageContaining("in use")
          .message()
          .doesNotContain("\n");
    } finally {
      Servers.stop(first);
    }
  }

  @Test
  void withoutATokenNothingButTheHealthIsAnswered() {
    LocalTaskServer server = Servers.start(LOCKED);
    try {
      Caller caller = new Caller(server);
      for (String path : new String[] {"/api/tasks/x", "/api/nothing", "/api/metadata/taskdefs"}) {
        HttpResponse<String> refused = caller.get(path);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("\"error\":\"INVALID_TOKEN\"");
      }
      assertThat(caller.get("/api/health").statusCode()).isEqualTo(200);
      assertThat(caller.get("/api/tasks/x", "X-Authorization", "nonsense.x").statusCode())
          .isEqualTo(401);
    } finally {
      Servers.stop(server);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: 127.0.0.1\r\nOrigin: http://evil.example",
        "Host: localhost\r\nOrigin: null",
        "Host: 127.0.0.1\r\nSec-Fetch-Site: cross-site",
        "Host: evil.example:80",
        "Host: localhost.evil.example",
        "Host: 127.0.0.1.evil.example"
      })
  void aPageInABrowserTakesNothing(String headers) throws IOException {
    assertThat(poll(Servers::start, headers))
        .startsWith("HTTP/1.1 403")
        .contains(headers.substring(headers.lastIndexOf(' ') + 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Host: LOCALHOST:1", "Host: [::1]:80", "Host: 10.1.2.3", "Sec-Fetch-Site: none"})
  void whoeverComesByAnAddressIsServed(String headers) throws IOException {
    String given = headers.startsWith("Host") ? headers : "Host: localhost\r\n" + headers;
    assertThat(poll(Servers::start, given)).startsWith("HTTP/1.1 204");
  }

  @Test
  void withCredentialsItHasAnyName() throws IOException {
    assertThat(poll(() -> Servers.start(LOCKED), "Host: tasks.example")).startsWith("HTTP/1.1 401");
  }

  private static String poll(Supplier<LocalTaskServer> start, String headers) throws IOException {
    LocalTaskServer server = start.get();
    String request =
        "GET /api/tasks/poll/t HTTP/1.1\r\nConnection: close\r\n" + headers + "\r\n\r\n";
    try (Socket socket = new Caller(server).open(request)) {
      return Caller.read(socket, "}");
    } finally {
      Servers.stop(server);
    }
  }

  @Test
  void theRightKeyAndSecretGetATokenAndNoOthersDo() {
    LocalTaskServer server = Servers.start(LOCKED);
    try {
      Caller caller = new Caller(server);
      for (String wrong :
          new String[] {
            "{'keyId':'key-1','keySecret':'hush'}",
            "{'keyId':'key','keySecret':'hush-hush'}",
            "{'keyId':'key-1'}",
            "{}"
          }) {
        HttpResponse<String> refused = caller.call("POST", "/api/token", wrong);
        assertThat(refused.statusCode()).as(wrong).isEqualTo(401);
        assertThat(refused.body()).contains("INVALID_CREDENTIALS").doesNotContain("hush");
      }
      HttpResponse<String> given =
          caller.call("POST", "/api/token", "{'keyId':'key-1','keySecret':'hush-hush'}");
      assertThat(given.statusCode()).isEqualTo(200);
      String token = given.body().split("\"", -1)[3];
      assertThat(caller.get("/api/metadata/taskdefs", "X-Authorization", token).statusCode())
          .isEqualTo(200);
      assertThat(caller.get("/api/metadata/taskdefs", "X-Authorization", token + "x").statusCode())
          .isEqualTo(401);
      assertThat(caller.get("/api/metadata/taskdefs", "X-Authorization", "z" + token).statusCode())
          .isEqualTo(401);
    } finally {
      Servers.stop(server);
    }
  }

  @Test
  void aTokenExpiresAndSaysSo() {
    AtomicLong millis = new AtomicLong(1_000);
    Tokens tokens = new Tokens(new LocalServerSpec.Credentials("k", "s"), millis::get);
    String body =
        new String(
            tokens
                .issue("{\"keyId\":\"k\",\"keySecret\":\"s\"}".getBytes(StandardCharsets.UTF_8))
                .body(),
            StandardCharsets.UTF_8);
    String token = body.split("\"", -1)[3];
    millis.addAndGet(Tokens.LIFE.toMillis() - 1);
    assertThat(tokens.check(token)).isNull();
    millis.incrementAndGet();
    assertThat(tokens.check(token)).isNotNull();
    assertThat(new String(tokens.check(token).body(), StandardCharsets.UTF_8))
        .contains("EXPIRED_TOKEN");
  }

  @Test
  void aWorkersClientGetsItsTokenAndPolls() {
    LocalTaskServer server = Servers.start(LOCKED);
    ConductorTaskClient client =
        ConductorTaskClient.create(ConductorSpec.of(server.url()).token("key-1", "hush-hush"));
    try {
      assertThat(
              client
                  .poll(new PollRequest("t", "w", null, 1, Duration.ZERO))
                  .collectList()
                  .block(Duration.ofSeconds(20)))
          .isEmpty();
    } finally {
      client.close().block(Duration.ofSeconds(20));
      Servers.stop(server);
    }
  }

  @Test
  void theStartUpLineSaysWhatItIsForAndHoldsNoSecret() {
    Logger log = (Logger) LoggerFactory.getLogger(LocalTaskServer.class);
    Level before = log.getLevel();
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    log.setLevel(Level.INFO);
    log.addAppender(lines);
    LocalTaskServer server = Servers.start(LOCKED);
    try {
      assertThat(lines.list)
          .extracting(ILoggingEvent::getFormattedMessage)
          .containsExactly(
              "Task server at "
                  + server.url()
                  + ", for this one machine: beyond it the engine is Conductor. State is kept in"
                  + " memory; a token is demanded");
    } finally {
      log.detachAppender(lines);
      log.setLevel(before);
      Servers.stop(server);
    }
  }

  @Test
  void aStartThatIsCancelledLeavesNothingBehind() {
    for (int i = 0; i < 20; i++) {
      LocalTaskServer.start(LocalServerSpec.create().port(0)).subscribe().dispose();
    }
    // Threads are counted when the class has run.
    Servers.stop(Servers.start());
  }

  @Test
  void theSecretIsInNoText() {
    assertThat(LOCKED.toString()).contains("key-1", "***").doesNotContain("hush-hush");
  }

  @Test
  void aValueThatCannotBeIsRefusedAndNamed() {
    LocalServerSpec spec = LocalServerSpec.create();
    assertThatThrownBy(() -> spec.port(65_536)).hasMessageContaining("65536");
    assertThatThrownBy(() -> spec.bind("task.example.com"))
        .hasMessage("bind is task.example.com: expected an IP address or localhost");
    assertThatThrownBy(() -> spec.credentials("k", " ")).hasMessageContaining("secret is blank");
    assertThatThrownBy(() -> spec.maxBodyBytes(10)).hasMessageContaining("10");
    assertThatThrownBy(() -> spec.maxConnections(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> spec.maxOpenWorkflows(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> spec.retention(-1, Duration.ofHours(1))).hasMessageContaining("-1");
    assertThatThrownBy(() -> spec.retention(1, Duration.ZERO)).hasMessageContaining("PT0S");
  }
}
