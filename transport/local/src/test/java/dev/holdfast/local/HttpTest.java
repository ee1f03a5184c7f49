package dev.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.store.InMemoryJournal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** What the server does on the wire beyond the API: bounds, connections, clients that go. */
@Timeout(60)
@ExtendWith(LeakDetection.class)
class HttpTest {

  private static final String POLL =
      "GET /api/tasks/poll/batch/t?workerid=w&count=1&timeout=5000 HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private final InMemoryJournal journal = new InMemoryJournal();
  private LocalTaskServer server =
      Servers.start(LocalServerSpec.create().journal(journal).maxBodyBytes(2_000));
  private Caller caller = new Caller(server);

  @AfterEach
  void stop() {
    Servers.stop(server);
  }

  private void restart(LocalServerSpec spec) {
    Servers.stop(server);
    server = Servers.start(spec);
    caller = new Caller(server);
  }

  @Test
  void aBodyWithinItsBoundIsReadAndALargerOneIsA413() {
    String flow = caller.start("t");
    String task =
        "/api/tasks/"
            + caller
                .get("/api/workflow/" + flow)
                .body()
                .split("\"taskId\":\"", 3)[1]
                .substring(0, 36);
    assertThat(caller.call("POST", task + "/log", "x".repeat(2_000)).statusCode()).isEqualTo(200);

    HttpResponse<String> refused = caller.call("POST", task + "/log", "x".repeat(2_001));

    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(refused.body())
        .contains("\"status\":413", "larger than 2000 bytes", "\"retryable\":false");
  }

  @Test
  void aBodyOfUnknownLengthIsBoundedToo() {
    byte[] large = new byte[3_000_000];
    HttpResponse<String> refused =
        caller.send(
            HttpRequest.newBuilder(URI.create(server.url() + "/tasks"))
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))
                .build());
    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(caller.get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsNotServedSaysWhatIs() {
    HttpResponse<String> refused = caller.get("/api/event/x?a=b");
    assertThat(refused.statusCode()).isEqualTo(404);
    assertThat(refused.body())
        .contains("No such resource: GET /api/event/x")
        .contains("one machine", "workflows of one task", "run Conductor");
  }

  @Test
  void anAddressThatCannotBeReadIsA400() throws IOException {
    try (Socket socket = caller.open("GET /api/tasks/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
      assertThat(Caller.read(socket, "}")).startsWith("HTTP/1.1 400").contains("\"status\":400");
    }
  }

  @Test
  void theHeadOfAPollLeasesNothing() {
    caller.start("t");
    assertThat(caller.call("HEAD", "/api/tasks/poll/t", null).statusCode()).isEqualTo(500);
    assertThat(caller.get("/api/tasks/queue/size?taskType=t").body()).isEqualTo("1");
  }

  @Test
  void aConnectionServesOneRequestAfterTheOther() throws IOException {
    String get = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    try (Socket socket = caller.open(get)) {
      assertThat(Caller.read(socket, "}")).startsWith("HTTP/1.1 200");
      socket.getOutputStream().write(get.getBytes(StandardCharsets.UTF_8));
      assertThat(Caller.read(socket, "}")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aClientThatHasGoneIsNotLeasedATask() throws IOException {
    for (int i = 0; i < 20; i++) {
      int before = server.connections();
      Socket waiting = caller.open(POLL + POLL);
      Threads.await("a poll that waits", () -> server.connections() > before);
      waiting.close();
      Threads.await("the end of its connection", () -> server.connections() <= before);
      caller.start("t");
      assertThat(caller.get("/api/tasks/poll/t?workerid=me").body())
          .as("round %d", i)
          .contains("\"pollCount\":1,", "\"workerId\":\"me\"");
    }
  }

  @Test
  void aClientThatGoesBesideTheTaskLosesItForItsLeaseAtMost() throws IOException {
    List<String> flows = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      Socket waiting = caller.open(POLL);
      flows.add(caller.start("t"));
      waiting.close();
    }
    // Each is queued, or leased to one whose answer was on its way: none is in between.
    int leased = 0;
    for (String flow : flows) {
      String body = caller.get("/api/workflow/" + flow).body();
      leased += body.contains("\"status\":\"IN_PROGRESS\"") ? 1 : 0;
    }
    int queued = Integer.parseInt(caller.get("/api/tasks/queue/size?taskType=t").body());
    assertThat(leased + queued).isEqualTo(30);
  }

  @Test
  void moreConnectionsThanAllowedAreClosedAtOnce() throws IOException {
    restart(LocalServerSpec.create().maxConnections(2));
    Socket one = caller.open(POLL);
    Socket two = caller.open(POLL);
    Threads.await("two polls", () -> server.connections() == 2);
    try (Socket three = caller.open("")) {
      assertThat(three.getInputStream().read()).as("closed").isEqualTo(-1);
    }
    one.close();
    two.close();
    Threads.await("their end", () -> server.connections() == 0);
    assertThat(caller.get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  void stoppingEndsPollsAtOnceAndLeasesNothing() throws IOException {
    caller.start("later");
    try (Socket waiting = caller.open(POLL)) {
      Threads.await("a poll that waits", () -> server.connections() > 0);
      int port = server.port();
      long begun = System.nanoTime();

      Servers.stop(server);

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
      server.onStop().block(Duration.ofSeconds(1));
      assertThatThrownBy(() -> answered(waiting)).isInstanceOf(IOException.class);
      server = Servers.startAt(port, LocalServerSpec.create().journal(journal));
    }
    assertThat(caller.get("/api/tasks/queue/size?taskType=later").body()).isEqualTo("1");
    assertThat(caller.get("/api/tasks/poll/later").body()).contains("\"pollCount\":1,");
  }

  private static String answered(Socket socket) throws IOException {
    String answer = Caller.read(socket, "never");
    if (answer.isEmpty()) {
      throw new IOException("closed without an answer");
    }
    return answer;
  }

  @Test
  void aFullServerSaysSoAndWhenToAskAgain() {
    restart(LocalServerSpec.create().maxOpenWorkflows(1));
    caller.start("t");
    HttpResponse<String> refused =
        caller.call(
            "POST",
            "/api/workflow",
            "{'name':'t','workflowDef':{'name':'t','ownerEmail':'a','tasks':[{'name':'t','taskReferenceName':'r'}]}}");
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("Retry-After")).contains("1");
    assertThat(refused.body()).contains("\"retryable\":true");
  }

  @Test
  void whatADefinitionSetsInVainIsNamedInTheLog() {
    Logger log = (Logger) LoggerFactory.getLogger(Api.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    log.addAppender(lines);
    try {
      caller.call(
          "POST",
          "/api/metadata/taskdefs",
          "[{'name':'t','ownerEmail':'a','concurrentExecLimit':3,'rateLimitPerFrequency':5,'bogus':{'a':1},'retryCount':0,'inputKeys':['a']}]");
      caller.call(
          "PUT",
          "/api/metadata/workflow",
          "[{'name':'f','ownerEmail':'a','failureWorkflow':'g','tasks':[{'name':'t','taskReferenceName':'r','optional':true}]}]");
    } finally {
      log.detachAppender(lines);
    }
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "Task type t sets [concurrentExecLimit, rateLimitPerFrequency, bogus], which this"
                + " server does not honour; Conductor may",
            "Workflow f sets [failureWorkflow, tasks[0].optional], which this server does not"
                + " honour; Conductor may");
  }
}
