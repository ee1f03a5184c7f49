package dev.holdfast.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Payload;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Servers that refuse, hang, trickle, cut and reset: each call ends in time, typed rightly. */
@Timeout(60)
@ExtendWith(LeakDetection.class)
class FailingServerTest {

  private static final String OK_HEAD =
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";

  private @Nullable RawServer server;
  private @Nullable ConductorTaskClient client;

  @AfterEach
  void close() {
    if (client != null) {
      client.close().block(Duration.ofSeconds(10));
      assertThat(client.openConnections()).isZero();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  void aRefusedConnectionWasCertainlyNotApplied() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    ServerFailure failure = failure(client("http://127.0.0.1:" + port).update(update()));
    assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
    assertThat(failure.text()).isEqualTo("Connection refused: 127.0.0.1:" + port);
    assertThat(failure.maybeApplied()).isFalse();
    assertThat(failure.status()).isZero();
  }

  @Test
  void aHostThatDoesNotExistIsNamed() {
    ServerFailure failure = failure(client("http://no-such-host.invalid:1/api").find("t"));
    assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
    // Without a name server to say that there is none, the time to find out runs out.
    assertThat(failure.text())
        .matches("No such host: no-such-host.invalid|No connection to no-such-host.invalid:1 .*");
    assertThat(failure.maybeApplied()).isFalse();
  }

  @Test
  void aServerThatNeverAnswersEndsEachCallAtTheResponseTimeout() {
    start(RawServer::readHead, true);
    List<Publisher<?>> calls =
        List.of(
            client().update(update()),
            client().updateAndPoll(update()),
            client().extendLease("t", "w", "me"),
            client().log("t", "text"),
            client().find("t"),
            client().queueSize("greet", null));
    for (Publisher<?> call : calls) {
      ServerFailure failure = failure(call);
      assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
      assertThat(failure.text()).startsWith("no answer within 400ms: ");
      assertThat(failure.maybeApplied()).isTrue();
      assertThat(failure.replyCut()).isFalse();
    }
  }

  @Test
  void aConnectionThatIsResetIsLostInTheSystemsOwnWords() {
    start(
        socket -> {
          RawServer.readHead(socket);
          socket.setSoLinger(true, 0);
        },
        false);
    ServerFailure failure = failure(client().find("t"));
    assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
    assertThat(failure.text())
        .matches("connection lost \\(Connection reset( by peer)?\\): GET /tasks/t");
    assertThat(failure.maybeApplied()).isTrue();
  }

  @Test
  void aPollWaitsForAsLongAsItLetsTheServerWaitAndTheResponseTimeout() {
    start(RawServer::readHead, true);
    long begun = System.nanoTime();
    ServerFailure failure = failure(client().poll(poll(Duration.ofMillis(400))));
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(790));
    assertThat(failure.text()).isEqualTo("no answer within 800ms: GET /tasks/poll/batch/greet");
  }

  @Test
  void aServerThatTricklesIsLeftAtTheTotalTimeout() {
    start(
        socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, OK_HEAD + "[" + Samples.task("a") + ",");
          while (server().pause(50)) {
            RawServer.write(socket, " ");
          }
        },
        false);
    long begun = System.nanoTime();
    Answer answer = answer(client().poll(poll(Duration.ZERO)));
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isBetween(Duration.ofMillis(2_900), Duration.ofSeconds(6));
    assertThat(answer.ids).containsExactly("a");
    assertThat(answer.failure.kind()).isEqualTo(Kind.UNREACHABLE);
    assertThat(answer.failure.text())
        .isEqualTo("the answer was not complete within 3s: GET /tasks/poll/batch/greet");
    assertThat(answer.failure.replyCut()).isTrue();
    assertThat(answer.failure.maybeApplied()).isTrue();
  }

  @Test
  void aServerThatTricklesItsHeadIsLeftLikeOneThatIsSilent() {
    start(
        socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, "HTTP/1.1 200 OK\r\n");
          while (server().pause(50)) {
            RawServer.write(socket, "x-h: 1\r\n");
          }
        },
        false);
    ServerFailure failure = failure(client().update(update()));
    assertThat(failure.text()).isEqualTo("no answer within 400ms: POST /tasks");
    assertThat(failure.maybeApplied()).isTrue();
  }

  @Test
  void aReplyThatStallsHandsOutWhatCameAndIsCut() {
    start(
        socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, OK_HEAD + "[" + Samples.task("a") + "," + Samples.task("b"));
        },
        true);
    Answer answer = answer(client().poll(poll(Duration.ZERO)));
    assertThat(answer.ids).containsExactly("a", "b");
    assertThat(answer.failure.kind()).isEqualTo(Kind.UNREACHABLE);
    assertThat(answer.failure.text())
        .isEqualTo("the answer stalled for 400ms: GET /tasks/poll/batch/greet");
    assertThat(answer.failure.replyCut()).isTrue();
  }

  @Test
  void aReplyWhoseConnectionBreaksHandsOutWhatCameAndIsCut() {
    start(
        socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, OK_HEAD + "[" + Samples.task("a") + ",{\"taskId\":");
        },
        false);
    Answer answer = answer(client().poll(poll(Duration.ZERO)));
    assertThat(answer.ids).containsExactly("a");
    assertThat(answer.failure.kind()).isEqualTo(Kind.UNREACHABLE);
    assertThat(answer.failure.replyCut()).isTrue();
    assertThat(answer.failure.maybeApplied()).isTrue();
    assertThat(answer.failure.text()).contains("closed in the middle of the answer");
  }

  @Test
  void aReplyThatEndsInTheMiddleOfItsJsonIsBrokenAndCut() {
    String body = "[" + Samples.task("a") + ",{\"taskId\":";
    start(
        socket -> {
          RawServer.readHead(socket);
          RawServer.write(
              socket, "HTTP/1.1 200 OK\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
        },
        true);
    Answer answer = answer(client().poll(poll(Duration.ZERO)));
    assertThat(answer.ids).containsExactly("a");
    assertThat(answer.failure.kind()).isEqualTo(Kind.BROKEN);
    assertThat(answer.failure.replyCut()).isTrue();
    assertThat(answer.failure.maybeApplied()).isTrue();
    assertThat(answer.failure.text()).contains("it ends in the middle");
  }

  @Test
  void aConnectionThatIsResetMayHaveBroughtTheRequest() {
    start(
        socket -> {
          RawServer.readHead(socket);
          socket.setSoLinger(true, 0);
        },
        false);
    ServerFailure failure = failure(client().update(update()));
    assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
    assertThat(failure.maybeApplied()).isTrue();
    assertThat(failure.text()).endsWith(": POST /tasks");
  }

  @Test
  void aConnectionThatIsClosedWithoutAnAnswerIsNotTriedAgain() {
    start(RawServer::readHead, false);
    ServerFailure failure = failure(client().update(update()));
    assertThat(failure.text())
        .isEqualTo("the connection was closed before an answer came: POST /tasks");
    assertThat(failure.maybeApplied()).isTrue();
    assertThat(server().accepted()).isEqualTo(1);
  }

  @Test
  void whatIsNotHttpIsBroken() {
    start(
        socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, "SSH-2.0-OpenSSH_9.9\r\n\r\n");
        },
        true);
    ServerFailure failure = failure(client().find("t"));
    assertThat(failure.kind()).isEqualTo(Kind.BROKEN);
    assertThat(failure.text()).startsWith("the answer is not HTTP (");
  }

  @Test
  void anErrorWhoseBodyBreaksOffIsTypedByItsStatus() {
    start(
        socket -> {
          RawServer.readHead(socket);
          RawServer.write(
              socket, "HTTP/1.1 503 x\r\nretry-after: 7\r\ncontent-length: 999\r\n\r\n{\"mess");
        },
        false);
    ServerFailure failure = failure(client().update(update()));
    assertThat(failure.kind()).isEqualTo(Kind.OVERLOADED);
    assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(7));
    assertThat(failure.maybeApplied()).isFalse();
  }

  @Test
  void aPoolThatIsExhaustedFailsACallAtTheAcquireTimeoutAndLeavesTheOtherPoolsAlone() {
    start(RawServer::readHead, true);
    ConductorTaskClient one =
        client(server().url(), spec -> spec.connections(1, 1, 1).acquireTimeout(millis(100)));
    Mono<ServerFailure> first =
        one.update(update())
            .then(Mono.<ServerFailure>empty())
            .onErrorResume(ServerFailure.class, Mono::just);
    Mono<ServerFailure> second =
        one.update(update())
            .then(Mono.<ServerFailure>empty())
            .onErrorResume(ServerFailure.class, Mono::just);
    List<ServerFailure> failures =
        Flux.merge(first, second).collectList().block(Duration.ofSeconds(5));
    assertThat(failures)
        .extracting(ServerFailure::text)
        .containsExactly(
            "No free connection within 100ms: POST /tasks", "no answer within 400ms: POST /tasks");
    assertThat(failures).extracting(ServerFailure::maybeApplied).containsExactly(false, true);
    assertThat(failure(one.find("t")).text()).startsWith("no answer within 400ms");
  }

  @Test
  void closingFailsTheCallsInFlightAndEndsEveryThreadAndConnection() {
    start(RawServer::readHead, true);
    ConductorTaskClient closing =
        client(server().url(), spec -> spec.region("closing").responseTimeout(millis(9_000)));
    StepVerifier.create(closing.poll(poll(Duration.ofSeconds(5))))
        .then(() -> Threads.await("a request", () -> server().accepted() == 1))
        .then(() -> closing.close().subscribe())
        .expectErrorSatisfies(
            error -> {
              ServerFailure failure = (ServerFailure) error;
              assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
              assertThat(failure.text()).contains("is closed");
            })
        .verify(Duration.ofSeconds(5));
    closing.close().block(Duration.ofSeconds(5));
    closing.close().block(Duration.ofSeconds(5));
    assertThat(closing.openConnections()).isZero();
    Threads.await(
        "end of threads",
        () ->
            Threads.named("holdfast-io-closing").isEmpty()
                && Threads.named("holdfast-timer-closing").isEmpty());
    assertThat(failure(closing.find("t")).text()).contains("is closed");
  }

  @Test
  void aCancelledCallClosesItsConnection() {
    start(RawServer::readHead, true);
    client()
        .poll(poll(Duration.ofSeconds(5)))
        .as(StepVerifier::create)
        .then(() -> Threads.await("a request", () -> server().accepted() == 1))
        .thenCancel()
        .verify(Duration.ofSeconds(5));
    Threads.await("no connection", () -> client().openConnections() == 0);
  }

  private void start(RawServer.Behaviour behaviour, boolean thenHang) {
    server =
        new RawServer(
            socket -> {
              behaviour.handle(socket);
              if (thenHang) {
                server().hang();
              }
            });
    client(server().url());
  }

  private RawServer server() {
    return Objects.requireNonNull(server);
  }

  private ConductorTaskClient client() {
    return Objects.requireNonNull(client);
  }

  private ConductorTaskClient client(String url) {
    return client(url, spec -> spec);
  }

  private ConductorTaskClient client(String url, UnaryOperator<ConductorSpec> options) {
    if (client != null) {
      client.close().block(Duration.ofSeconds(10));
    }
    ConductorSpec spec =
        ConductorSpec.of(url).responseTimeout(millis(400)).totalTimeout(millis(3_000)).ioThreads(1);
    client = ConductorTaskClient.create(options.apply(spec));
    return client;
  }

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }

  private static PollRequest poll(Duration wait) {
    return new PollRequest("greet", "me", null, 5, wait);
  }

  private static TaskUpdate update() {
    return new TaskUpdate(
        "t", "w", TaskStatus.COMPLETED, Payload.empty(), null, Duration.ZERO, "me");
  }

  private static ServerFailure failure(Publisher<?> call) {
    return answer(Flux.from(call)).failure;
  }

  /** What came, and how it ended. */
  private record Answer(List<String> ids, ServerFailure failure) {}

  private static Answer answer(Flux<?> call) {
    List<String> ids = new ArrayList<>();
    List<ServerFailure> failures = new ArrayList<>();
    call.doOnNext(
            item -> {
              if (item instanceof Polled.Leased leased) {
                ids.add(leased.task().id());
              }
            })
        .as(StepVerifier::create)
        .thenConsumeWhile(item -> true)
        .expectErrorSatisfies(
            error -> {
              assertThat(error).isInstanceOf(ServerFailure.class);
              failures.add((ServerFailure) error);
            })
        .verify(Duration.ofSeconds(10));
    return new Answer(ids, failures.get(0));
  }
}
