package dev.holdfast.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What each kind of answer is taken for. */
@Timeout(120)
@ExtendWith(LeakDetection.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnswerTypingTest {

  private static final String PAGE = "<html><body>Please log in</body></html>";

  private final ApiServer server = new ApiServer();
  // Paranoid leak detection makes the large replies slow.
  private final ConductorTaskClient client =
      ConductorTaskClient.create(
          ConductorSpec.of(server.url())
              .responseTimeout(Duration.ofSeconds(30))
              .totalTimeout(Duration.ofMinutes(1)));

  @BeforeEach
  void forget() {
    server.requests().clear();
  }

  @AfterAll
  void close() {
    client.close().block(Duration.ofSeconds(10));
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "400, REJECTED, false",
    "401, UNAUTHORIZED, false",
    "403, UNAUTHORIZED, false",
    "404, REJECTED, false",
    "408, BROKEN, false",
    "409, REJECTED, false",
    "429, OVERLOADED, false",
    "500, BROKEN, true",
    "501, BROKEN, true",
    "502, OVERLOADED, true",
    "503, OVERLOADED, false",
    "504, OVERLOADED, true"
  })
  void anErrorOfTheApiIsTypedByItsStatus(int status, Kind kind, boolean maybeApplied) {
    server.answer(
        status,
        "application/json",
        "{\"status\":" + status + ",\"message\":\"No such\\ntask t-1\",\"instance\":\"i\"}");
    ServerFailure failure = failure(client.update(update()));
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.status()).isEqualTo(status);
    assertThat(failure.maybeApplied()).isEqualTo(maybeApplied);
    assertThat(failure.retryable()).isTrue();
    assertThat(failure.text()).isEqualTo(status + " from POST /tasks: No such task t-1");
  }

  @ParameterizedTest
  @CsvSource({
    "302, BROKEN, false",
    "400, BROKEN, false",
    "401, UNAUTHORIZED, false",
    "404, BROKEN, false",
    "418, BROKEN, false",
    "500, BROKEN, true",
    "502, OVERLOADED, true"
  })
  void aPageOfAProxyIsNoWordOfTheApi(int status, Kind kind, boolean maybeApplied) {
    server.answer(status, "text/html", PAGE);
    ServerFailure failure = failure(client.update(update()));
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.maybeApplied()).isEqualTo(maybeApplied);
    assertThat(failure.text())
        .isEqualTo(status + " from POST /tasks: not an answer of the API but \"" + PAGE + "\"");
  }

  @Test
  void theErrorPageOfAWebFrameworkIsNoWordOfTheApi() {
    server.answer(
        404,
        "application/json",
        "{\"timestamp\":\"2026-01-01\",\"status\":404,\"error\":\"Not Found\",\"path\":\"/x\"}");
    assertThat(failure(client.update(update())).kind()).isEqualTo(Kind.BROKEN);
  }

  @Test
  void theServersHintThatARetryCantHelpIsKept() {
    server.answer(
        500, "application/json", "{\"status\":500,\"message\":\"bad enum\",\"retryable\":false}");
    ServerFailure failure = failure(client.update(update()));
    assertThat(failure.kind()).isEqualTo(Kind.BROKEN);
    assertThat(failure.retryable()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "7, PT7S",
    "0, PT0S",
    "86400, PT1H",
    "99999999999999999999, PT1H",
    "'Wed, 21 Oct 2015 07:28:00 GMT', PT0S",
    "'Fri, 21 Oct 2095 07:28:00 GMT', PT1H",
    "soon,",
    "-3,",
    "1.5,",
    "'',"
  })
  void retryAfterIsReadClampedOrIgnored(String header, Duration expected) {
    server.answer(503, "text/plain", "busy", "Retry-After", header);
    assertThat(failure(client.update(update())).retryAfter()).isEqualTo(expected);
  }

  @Test
  void aLongErrorBodyIsReadUpToItsLimitWhichTheMessageNames() {
    server.script(
        (request, response, body) ->
            response.status(400).sendString(ApiServer.repeated("x".repeat(10_000), 2_000)));
    ServerFailure failure = failure(client.update(update()));
    assertThat(failure.kind()).isEqualTo(Kind.BROKEN);
    assertThat(failure.text()).contains("(the first 65536 bytes were read)").hasSizeLessThan(301);
  }

  @Test
  void aPageInsteadOfAnAcknowledgementIsNone() {
    server.answer(200, "text/html;charset=utf-8", PAGE);
    for (Publisher<?> call :
        List.of(
            client.update(update()),
            client.extendLease("t", "w", "me"),
            client.log("t", "x"),
            client.queueSize("greet", null),
            client.find("t"))) {
      ServerFailure failure = failure(call);
      assertThat(failure.kind()).isEqualTo(Kind.BROKEN);
      assertThat(failure.text()).contains("text/html").contains("Please log in");
    }
    server.answer(200, "text/plain", PAGE);
    assertThat(failure(client.update(update())).kind()).isEqualTo(Kind.BROKEN);
  }

  @Test
  void aPageInsteadOfAPollsAnswerSaysWhatCame() {
    server.answer(200, "text/html", PAGE);
    ServerFailure failure = failure(client.poll(poll()));
    assertThat(failure.kind()).isEqualTo(Kind.BROKEN);
    assertThat(failure.text())
        .isEqualTo(
            "200 text/html from GET /tasks/poll/batch/greet: it is not a JSON array but starts: "
                + PAGE);
    assertThat(failure.replyCut()).isTrue();
  }

  @Test
  void anEmptyBodyIsNoAnswerToAPoll() {
    server.answer(200, "application/json", "");
    assertThat(failure(client.poll(poll())).text()).endsWith("it is empty");
  }

  @Test
  void aBadElementFailsAloneInTheMiddleOfAReply() {
    server.answer(
        200,
        "application/json",
        "["
            + Samples.task("a")
            + ",{\"inputData\":{\"x\":nope},\"taskId\":\"b\",\"workflowInstanceId\":\"w-b\"},"
            + Samples.task("c")
            + "]");
    client
        .poll(poll())
        .map(AnswerTypingTest::summary)
        .as(StepVerifier::create)
        .expectNext("leased a", "unusable b", "leased c")
        .verifyComplete();
  }

  @Test
  void whatStandsBetweenTasksEndsTheReplyBehindThoseThatCame() {
    server.answer(200, "application/json", "[" + Samples.task("a") + ";" + Samples.task("b") + "]");
    List<String> got = new ArrayList<>();
    client
        .poll(poll())
        .map(AnswerTypingTest::summary)
        .doOnNext(got::add)
        .as(StepVerifier::create)
        .expectNextCount(1)
        .expectErrorSatisfies(
            error -> {
              ServerFailure failure = (ServerFailure) error;
              assertThat(failure.kind()).isEqualTo(Kind.BROKEN);
              assertThat(failure.replyCut()).isTrue();
              assertThat(failure.text()).contains("unexpected ';'");
            })
        .verify();
    assertThat(got).containsExactly("leased a");
  }

  @Test
  void moreTasksThanWereAskedForAreAllHandedOut() {
    server.script(
        (request, response, body) ->
            response.sendString(
                Flux.concat(
                    Mono.just("[" + Samples.task("0")),
                    Flux.range(1, 999).map(i -> "," + Samples.task("" + i)),
                    Mono.just("]"))));
    client.poll(poll()).as(StepVerifier::create).expectNextCount(1_000).verifyComplete();
  }

  @Test
  void aTaskOfHundredMegabytesIsUnusableAndItsIdsAreRead() {
    server.script(
        (request, response, body) ->
            response.sendString(
                Flux.concat(
                    Mono.just("[" + Samples.task("a") + ",{\"inputData\":{\"x\":\""),
                    ApiServer.repeated("y".repeat(100_000), 1_000),
                    Mono.just(
                        "\"},\"taskId\":\"b\",\"workflowInstanceId\":\"w\",\"pollCount\":9},"
                            + Samples.task("c")
                            + "]"))));
    List<Polled> got =
        client.poll(poll()).collectList().blockOptional(Duration.ofMinutes(1)).orElseThrow();
    assertThat(got)
        .extracting(AnswerTypingTest::summary)
        .containsExactly("leased a", "unusable b", "leased c");
    Polled.Unusable unusable = (Polled.Unusable) got.get(1);
    assertThat(unusable.reason()).contains("1000000").contains("maxTaskBytes is 4194304");
  }

  @Test
  void aReplyOfHundredMegabytesOfSmallTasksStreamsThrough() {
    String task = Samples.FULL_TASK.strip();
    int count = 100_000_000 / task.length();
    server.script(
        (request, response, body) ->
            response.sendString(
                Flux.concat(
                    Mono.just("[" + task),
                    ApiServer.repeated(("," + task).repeat(50), count / 50),
                    Mono.just("]"))));
    long before = usedHeap();
    long[] seen = new long[1];
    client
        .poll(poll())
        .doOnNext(
            polled -> {
              if (seen[0]++ == count / 2) {
                assertThat(usedHeap() - before).isLessThan(40_000_000);
              }
            })
        .then()
        .block(Duration.ofMinutes(1));
    assertThat(seen[0]).isEqualTo(count / 50 * 50 + 1);
  }

  @Test
  void theStateOfATaskOfAnySizeIsFound() {
    server.script(
        (request, response, body) ->
            response.sendString(
                Flux.concat(
                    Mono.just("{\"status\":\"COMPLETED\",\"outputData\":{\"x\":\""),
                    ApiServer.repeated("y".repeat(100_000), 200),
                    Mono.just(
                        "\"},\"taskId\":\"b\",\"workflowInstanceId\":\"w\",\"pollCount\":9}"))));
    client
        .find("b")
        .as(StepVerifier::create)
        .expectNext(new TaskState("b", "w", TaskStatus.COMPLETED, 9, null))
        .verifyComplete();
  }

  @Test
  void aStateThatIsCutIsNoState() {
    server.answer(200, "application/json", "{\"taskId\":\"b\",\"status\":\"COMPLETED\"");
    ServerFailure failure = failure(client.find("b"));
    assertThat(failure.kind()).isEqualTo(Kind.BROKEN);
    assertThat(failure.replyCut()).isTrue();
  }

  @Test
  void anUnknownTaskIsToldFromAnUnknownAddress() {
    server.answer(404, "text/html", PAGE);
    assertThat(failure(client.find("b")).kind()).isEqualTo(Kind.BROKEN);
  }

  private static long usedHeap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static String summary(Polled polled) {
    if (polled instanceof Polled.Leased leased) {
      return "leased " + leased.task().id();
    }
    return polled instanceof Polled.Unusable unusable && unusable.task() != null
        ? "unusable " + unusable.task().id()
        : "unusable";
  }

  private static PollRequest poll() {
    return new PollRequest("greet", "me", null, 5, Duration.ZERO);
  }

  private static TaskUpdate update() {
    return new TaskUpdate(
        "t", "w", TaskStatus.COMPLETED, Payload.empty(), null, Duration.ZERO, "me");
  }

  private static ServerFailure failure(Publisher<?> call) {
    List<ServerFailure> failures = new ArrayList<>();
    Flux.from(call)
        .as(StepVerifier::create)
        .expectErrorSatisfies(error -> failures.add((ServerFailure) error))
        .verify(Duration.ofSeconds(10));
    return failures.get(0);
  }
}
