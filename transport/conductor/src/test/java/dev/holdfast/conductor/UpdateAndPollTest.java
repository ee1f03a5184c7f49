package dev.holdfast.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Payload;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@Timeout(60)
@ExtendWith(LeakDetection.class)
class UpdateAndPollTest {

  private static final String V1 = "POST /api/tasks";
  private static final String V2 = "POST /api/tasks/update-v2";

  private final ApiServer server = new ApiServer();
  private final ConductorTaskClient client = ConductorTaskClient.create(server.url());

  @AfterEach
  void close() {
    client.close().block(Duration.ofSeconds(10));
    server.close();
  }

  @Test
  void theAnswerIsTheNextTask() {
    server.answer(200, "application/json", Samples.FULL_TASK);
    client
        .updateAndPoll(update())
        .map(polled -> ((Polled.Leased) polled).task().type())
        .as(StepVerifier::create)
        .expectNext("greet")
        .verifyComplete();
    assertThat(server.requests()).containsExactly(V2);
    assertThat(server.bodies().get(0)).contains("\"status\":\"COMPLETED\"");
  }

  @Test
  void noNextTaskIsAnEmptyAnswer() {
    server.answer(204, "", "");
    client.updateAndPoll(update()).as(StepVerifier::create).verifyComplete();
    server.answer(200, "application/json", "");
    client.updateAndPoll(update()).as(StepVerifier::create).verifyComplete();
    assertThat(server.requests()).containsExactly(V2, V2);
  }

  @ParameterizedTest
  @CsvSource({"500", "502", "504"})
  void afterAnAmbiguousFailureTheResultIsSentAlone(int status) {
    answerV2(status, "application/json", "{\"status\":" + status + ",\"message\":\"oops\"}");
    client.updateAndPoll(update()).as(StepVerifier::create).verifyComplete();
    client.updateAndPoll(update()).as(StepVerifier::create).verifyComplete();
    assertThat(server.requests()).containsExactly(V2, V1, V2, V1);
    assertThat(server.bodies().get(0)).isEqualTo(server.bodies().get(1));
  }

  @Test
  void aCutAnswerIsAmbiguousToo() {
    answerV2(200, "application/json", "{\"taskId\":\"t-2\",");
    client.updateAndPoll(update()).as(StepVerifier::create).verifyComplete();
    assertThat(server.requests()).containsExactly(V2, V1);
  }

  @ParameterizedTest
  @CsvSource({"400", "404", "429", "503", "401"})
  void aFailureThatIsPlainIsPassedOn(int status) {
    answerV2(status, "application/json", "{\"status\":" + status + ",\"message\":\"no\"}");
    client
        .updateAndPoll(update())
        .as(StepVerifier::create)
        .expectErrorSatisfies(
            error -> assertThat(((ServerFailure) error).status()).isEqualTo(status))
        .verify();
    assertThat(server.requests()).containsExactly(V2);
  }

  @ParameterizedTest
  @CsvSource({
    "404,''",
    "405,''",
    "405,'{\"status\":405,\"message\":\"no\"}'",
    "500,'{\"status\":500,\"message\":\"Request method ''POST'' is not supported\"}'"
  })
  void aServerThatDoesNotKnowTheCallIsNotAskedAgain(int status, String body) {
    answerV2(status, "application/json", body);
    client.updateAndPoll(update()).as(StepVerifier::create).verifyComplete();
    client.updateAndPoll(update()).as(StepVerifier::create).verifyComplete();
    assertThat(server.requests()).containsExactly(V2, V1, V1);
  }

  @Test
  void ifTheSecondTryFailsTooTheFirstMayStillHaveBeenApplied() {
    server.script(
        (request, response, body) ->
            response.status(request.uri().endsWith("v2") ? 504 : 503).send());
    client
        .updateAndPoll(update())
        .as(StepVerifier::create)
        .expectErrorSatisfies(
            error -> {
              ServerFailure failure = (ServerFailure) error;
              assertThat(failure.status()).isEqualTo(503);
              assertThat(failure.maybeApplied()).isTrue();
            })
        .verify();
  }

  @Test
  void whatMayNotBeSentTwiceIsRefused() {
    TaskUpdate release =
        new TaskUpdate(
            "t", "w", TaskStatus.IN_PROGRESS, Payload.empty(), null, Duration.ZERO, "me");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> client.updateAndPoll(release))
        .withMessageContaining("IN_PROGRESS");
  }

  private void answerV2(int status, String type, String body) {
    server.script(
        (request, response, asked) ->
            request.uri().endsWith("v2")
                ? response.status(status).header("content-type", type).sendString(Mono.just(body))
                : response.header("content-type", "text/plain").sendString(Mono.just("t")));
  }

  private static TaskUpdate update() {
    return new TaskUpdate(
        "t", "w", TaskStatus.COMPLETED, Payload.empty(), null, Duration.ZERO, "me");
  }
}
