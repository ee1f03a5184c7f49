package dev.holdfast.conductor;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import dev.holdfast.client.TaskClient;
import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.PayloadCodec;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The task API of a Conductor server. It has event loops, connections and a timer of its own, which
 * {@link #close} ends; every call is bounded by the deadlines of {@link ConductorSpec}. Signals
 * come on its threads, which must not be blocked; what fails before anything was sent may fail on
 * the subscriber's. Thread-safe.
 *
 * <p>Cancelling a call closes its connection; the server may carry it out all the same.
 */
public final class ConductorTaskClient implements TaskClient {

  private static final Logger LOG = LoggerFactory.getLogger(ConductorTaskClient.class);

  private final ConductorSpec.Parts parts;
  private final Connections connections;
  private final Caller caller;
  private final @Nullable TokenSource tokens;
  private final String result;
  private final String resultAndPoll;
  private volatile boolean takesNext = true;

  private ConductorTaskClient(ConductorSpec.Parts parts) {
    this.parts = parts;
    this.result = parts.server().path() + Call.RESULT;
    this.resultAndPoll = parts.server().path() + Call.RESULT_AND_POLL;
    this.connections = new Connections(parts);
    this.caller = new Caller(connections, new Failures(parts.server(), parts.deadlines()));
    ConductorSpec.Credentials credentials = parts.credentials();
    this.tokens =
        credentials == null ? null : new TokenSource(fetchToken(credentials), connections.timer());
  }

  /**
   * Creates a client. Connections are made when calls need them.
   *
   * @param spec its options
   * @return the client, to be {@linkplain #close closed}
   * @throws TlsFileException if a PEM file can't be used
   */
  public static ConductorTaskClient create(ConductorSpec spec) {
    return new ConductorTaskClient(spec.parts());
  }

  /**
   * Creates a client with the default options.
   *
   * @param baseUrl the URL of the server's API, such as {@code http://127.0.0.1:8080/api}
   * @return the client, to be {@linkplain #close closed}
   * @throws IllegalArgumentException if it is no such URL
   */
  public static ConductorTaskClient create(String baseUrl) {
    return create(ConductorSpec.of(baseUrl));
  }

  @Override
  public String region() {
    return parts.region();
  }

  @Override
  public PayloadCodec codec() {
    return JacksonCodec.INSTANCE;
  }

  @Override
  public Duration callTimeout() {
    return parts.deadlines().total();
  }

  @Override
  public Flux<Polled> poll(PollRequest request) {
    Duration wait = request.longPoll();
    String name = "/tasks/poll/batch/" + encoded(request.taskType());
    StringBuilder query =
        new StringBuilder(name)
            .append("?workerid=")
            .append(encoded(request.workerId()))
            .append("&count=")
            .append(request.count())
            .append("&timeout=")
            .append(wait.toMillis());
    if (request.domain() != null) {
      query.append("&domain=").append(encoded(request.domain()));
    }
    Call call =
        new Call(
            Call.Lane.POLLS,
            HttpMethod.GET,
            parts.server().path() + query,
            name,
            null,
            wait.plus(parts.deadlines().response()),
            wait.plus(parts.deadlines().total()));
    return call(call, (exchange, type) -> reply(exchange, type, request.taskType()));
  }

  @Override
  public Mono<Void> update(TaskUpdate update) {
    return acknowledged(resultCall(result, Call.RESULT, update));
  }

  @Override
  public Mono<Polled> updateAndPoll(TaskUpdate update) {
    if (!update.isIdempotent()) {
      throw new IllegalArgumentException(
          "status is " + update.status() + ": expected a terminal one, which may be sent twice");
    }
    return Mono.defer(
        () -> {
          Mono<Void> alone = update(update);
          if (!takesNext) {
            return alone.then(Mono.empty());
          }
          return call(
                  resultCall(resultAndPoll, Call.RESULT_AND_POLL, update),
                  (ex, type) -> reply(ex, type, null))
              .singleOrEmpty()
              .onErrorResume(ServerFailure.class, failure -> afterFailure(failure, alone));
        });
  }

  @Override
  public Mono<Void> extendLease(String taskId, String workflowId, String workerId) {
    return acknowledged(
        leaseCall(
            HttpMethod.POST,
            "/tasks",
            "",
            () -> RequestBody.leaseExtension(taskId, workflowId, workerId)));
  }

  @Override
  public Mono<Void> log(String taskId, String text) {
    String path = "/tasks/" + encoded(taskId) + "/log";
    return acknowledged(leaseCall(HttpMethod.POST, path, "", () -> RequestBody.text(text)));
  }

  @Override
  public Mono<TaskState> find(String taskId) {
    Call call = leaseCall(HttpMethod.GET, "/tasks/" + encoded(taskId), "", null);
    return call(call, StateReply::new)
        .singleOrEmpty()
        .onErrorResume(ServerFailure.class, ConductorTaskClient::emptyIfUnknown);
  }

  @Override
  public Mono<Long> queueSize(String taskType, @Nullable String domain) {
    String query =
        "?taskType=" + encoded(taskType) + (domain == null ? "" : "&domain=" + encoded(domain));
    Call call = leaseCall(HttpMethod.GET, "/tasks/queue/size", query, null);
    return call(
            call,
            (exchange, type) ->
                new WholeReply<>(exchange, type, "a number", ConductorTaskClient::number))
        .single();
  }

  @Override
  public Mono<Void> close() {
    return connections.close();
  }

  /** {@return how many connections are open now, in use or not} */
  public int openConnections() {
    return connections.open();
  }

  /** Names the region and the server. */
  @Override
  public String toString() {
    return "ConductorTaskClient[" + region() + " at " + parts.server().address() + "]";
  }

  /**
   * Sends the result alone if the failure leaves open whether it arrived, or says nothing of it.
   */
  private Mono<Polled> afterFailure(ServerFailure failure, Mono<Void> alone) {
    if (isUnknownCall(failure)) {
      takesNext = false;
      LOG.info("{} takes no update that polls too: results are sent alone", region());
      return alone.then(Mono.empty());
    }
    if (failure.maybeApplied()) {
      return alone
          .onErrorMap(ServerFailure.class, second -> second.withMaybeApplied(true))
          .then(Mono.empty());
    }
    return Mono.error(failure);
  }

  /** Servers from before update-v2 take its name for a task's id, which is not to be posted to. */
  private static boolean isUnknownCall(ServerFailure failure) {
    return failure.status() == 405
        || (failure.status() == 404 && failure.kind() == Kind.BROKEN)
        || (failure.status() == 500 && failure.text().contains("Request method 'POST'"));
  }

  private static <T> Mono<T> emptyIfUnknown(ServerFailure failure) {
    boolean unknown = failure.status() == 404 && failure.kind() == Kind.REJECTED;
    return unknown ? Mono.empty() : Mono.error(failure);
  }

  private PolledReply reply(Exchange exchange, String contentType, @Nullable String polledType) {
    return new PolledReply(exchange, contentType, parts.maxTaskBytes(), polledType);
  }

  private Mono<Void> acknowledged(Call call) {
    return call(call, ConductorTaskClient::anyAnswer).then();
  }

  private <T> Flux<T> call(Call call, Caller.Reader<T> reader) {
    return tokens == null ? caller.call(call, reader) : caller.call(call, tokens, reader);
  }

  private static Reply<Boolean> anyAnswer(Exchange exchange, String contentType) {
    return new WholeReply<>(exchange, contentType, "the API's answer", body -> true);
  }

  private Call resultCall(String uri, String path, TaskUpdate update) {
    return call(Call.Lane.UPDATES, HttpMethod.POST, uri, path, () -> RequestBody.update(update));
  }

  private Call leaseCall(
      HttpMethod method, String path, String query, @Nullable Supplier<RequestBody> body) {
    return call(Call.Lane.LEASES, method, parts.server().path() + path + query, path, body);
  }

  private Call call(
      Call.Lane lane,
      HttpMethod method,
      String uri,
      String path,
      @Nullable Supplier<RequestBody> body) {
    ConductorSpec.Deadlines deadlines = parts.deadlines();
    return new Call(lane, method, uri, path, body, deadlines.response(), deadlines.total());
  }

  private Mono<String> fetchToken(ConductorSpec.Credentials credentials) {
    return Mono.defer(
        () ->
            caller
                .call(
                    leaseCall(
                        HttpMethod.POST, "/token", "", () -> RequestBody.credentials(credentials)),
                    (exchange, type) ->
                        new WholeReply<>(exchange, type, "a token", TokenAnswer::parse))
                .single()
                .onErrorResume(
                    ServerFailure.class, failure -> TokenAnswer.failed(failure, credentials)));
  }

  private static @Nullable Long number(BoundedBody body) {
    try {
      return Long.valueOf(body.text());
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static String encoded(String part) {
    return URLEncoder.encode(Objects.requireNonNull(part), StandardCharsets.UTF_8)
        .replace("+", "%20");
  }
}
