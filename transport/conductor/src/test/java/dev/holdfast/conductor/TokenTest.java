package dev.holdfast.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.test.StepVerifier;

@Timeout(60)
@ExtendWith(LeakDetection.class)
class TokenTest {

  private static final String SECRET = "s3cr3t-of-the-key";

  private final ApiServer server = new ApiServer();
  private final ConductorTaskClient client =
      ConductorTaskClient.create(
          ConductorSpec.of(server.url()).token("key-1", SECRET).connections(8, 8, 60));
  private final AtomicInteger fetched = new AtomicInteger();
  private final AtomicInteger valid = new AtomicInteger(1);
  private final Queue<String> seen = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    client.close().block(Duration.ofSeconds(10));
    server.close();
  }

  @Test
  void fiftyCallersAtOnceFetchOneToken() {
    server.script(this::tokenServer);
    Flux.range(0, 50)
        .flatMap(i -> client.queueSize("greet", null), 50)
        .as(StepVerifier::create)
        .expectNextCount(50)
        .verifyComplete();
    assertThat(fetched).hasValue(1);
    assertThat(seen).hasSize(50).containsOnly("token-1");
    assertThat(server.bodies())
        .containsExactly("application/json {\"keyId\":\"key-1\",\"keySecret\":\"" + SECRET + "\"}");
  }

  @Test
  void aCallerThatLeavesDoesNotBreakTheFetchForTheOthers() {
    server.script(
        (request, response, body) ->
            request.uri().endsWith("/token")
                ? Mono.delay(Duration.ofMillis(200)).then(token(response))
                : answer(request, response));
    StepVerifier.create(client.queueSize("greet", null))
        .then(() -> Threads.await("the fetch", () -> !server.requests().isEmpty()))
        .thenCancel()
        .verify();
    client.queueSize("greet", null).as(StepVerifier::create).expectNext(1L).verifyComplete();
    assertThat(fetched).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({"401,EXPIRED_TOKEN", "403,INVALID_TOKEN"})
  void aTokenThatTheServerRefusesIsReplacedAndTheCallMadeOnceMore(int status, String code) {
    server.script(this::tokenServer);
    client.queueSize("greet", null).as(StepVerifier::create).expectNext(1L).verifyComplete();
    valid.set(2);
    refusal = status + ":{\"error\":\"" + code + "\",\"message\":\"renew it\"}";
    client.queueSize("greet", null).as(StepVerifier::create).expectNext(1L).verifyComplete();
    assertThat(fetched).hasValue(2);
    assertThat(seen).containsExactly("token-1", "token-1", "token-2");
  }

  @Test
  void manyCallersWithARefusedTokenFetchOneNewOne() {
    server.script(this::tokenServer);
    client.queueSize("greet", null).as(StepVerifier::create).expectNext(1L).verifyComplete();
    valid.set(2);
    Flux.range(0, 40)
        .flatMap(i -> client.queueSize("greet", null), 40)
        .as(StepVerifier::create)
        .expectNextCount(40)
        .verifyComplete();
    assertThat(fetched).hasValue(2);
  }

  @Test
  void aCallIsMadeOnceMoreAndNoMore() {
    valid.set(-1);
    server.script(this::tokenServer);
    ServerFailure failure = failure(client.queueSize("greet", null));
    assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED);
    assertThat(seen).containsExactly("token-1", "token-2");
  }

  @Test
  void anotherRefusalIsNoMatterOfTheToken() {
    valid.set(-1);
    refusal = "403:{\"status\":403,\"message\":\"not your queue\"}";
    server.script(this::tokenServer);
    ServerFailure failure = failure(client.queueSize("greet", null));
    assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED);
    assertThat(failure.text()).contains("not your queue");
    assertThat(seen).containsExactly("token-1");
  }

  @Test
  void aServerWithoutAuthenticationIsCalledWithout() {
    server.script(
        (request, response, body) ->
            request.uri().endsWith("/token")
                ? response.status(404).send()
                : answer(request, response));
    client
        .queueSize("greet", null)
        .repeat(2)
        .as(StepVerifier::create)
        .expectNextCount(3)
        .verifyComplete();
    assertThat(seen).containsExactly("none", "none", "none");
    assertThat(server.requests().stream().filter(line -> line.endsWith("/token"))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403})
  void credentialsThatAreRefusedAreUnauthorizedAndNeverRepeated(int status) {
    server.answer(
        status,
        "application/json",
        "{\"status\":" + status + ",\"message\":\"no key with secret " + SECRET + "\"}");
    ServerFailure failure = failure(client.queueSize("greet", null));
    assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED);
    assertThat(failure.text()).isEqualTo(status + " from POST /token: no key with secret ***");
    assertThat(server.requests()).containsExactly("POST /api/token");
  }

  @Test
  void anOutageOfTheTokensIsAnOutageOfTheCall() {
    server.answer(503, "text/plain", "later", "Retry-After", "3");
    ServerFailure failure = failure(client.queueSize("greet", null));
    assertThat(failure.kind()).isEqualTo(Kind.OVERLOADED);
    assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(3));
    assertThat(failure.maybeApplied()).isFalse();
    server.script(this::tokenServer);
    client.queueSize("greet", null).as(StepVerifier::create).expectNext(1L).verifyComplete();
  }

  @Test
  void anAnswerWithoutATokenIsBrokenAndNotRepeatedInTheMessage() {
    server.answer(200, "application/json", "{\"access_token\":\"hush\"}");
    ServerFailure failure = failure(client.queueSize("greet", null));
    assertThat(failure.kind()).isEqualTo(Kind.BROKEN);
    assertThat(failure.text()).contains("POST /token").doesNotContain("hush");
  }

  private volatile String refusal = "401:{\"error\":\"EXPIRED_TOKEN\",\"message\":\"renew it\"}";

  private Mono<Void> tokenServer(
      HttpServerRequest request, HttpServerResponse response, String body) {
    return request.uri().endsWith("/token") ? token(response) : answer(request, response);
  }

  private Mono<Void> token(HttpServerResponse response) {
    return Mono.defer(
        () ->
            response
                .header("content-type", "application/json")
                .sendString(
                    Mono.just("{\"token\":\"token-" + fetched.incrementAndGet() + "\",\"x\":1}"))
                .then());
  }

  private Mono<Void> answer(HttpServerRequest request, HttpServerResponse response) {
    String token = request.requestHeaders().get("X-Authorization", "none");
    seen.add(token);
    if (token.equals("none") || token.equals("token-" + valid)) {
      return response.sendString(Mono.just("1")).then();
    }
    int colon = refusal.indexOf(':');
    return response
        .status(Integer.parseInt(refusal.substring(0, colon)))
        .sendString(Mono.just(refusal.substring(colon + 1)))
        .then();
  }

  private static ServerFailure failure(Mono<?> call) {
    List<ServerFailure> failures = new ArrayList<>();
    call.as(StepVerifier::create)
        .expectErrorSatisfies(error -> failures.add((ServerFailure) error))
        .verify(Duration.ofSeconds(10));
    return failures.get(0);
  }
}
