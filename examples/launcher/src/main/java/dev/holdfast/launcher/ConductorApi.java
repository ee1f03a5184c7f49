package dev.holdfast.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * The few calls of a Conductor server that give it work. Every error is a {@link ServerFailure}.
 */
final class ConductorApi {

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,200}");

  private final HttpCalls http;
  private final Mono<Map<String, String>> headers;

  ConductorApi(HttpCalls http, @Nullable Credentials credentials) {
    this.http = http;
    this.headers = credentials == null ? Mono.just(Map.of()) : token(credentials);
  }

  /** A definition in the server's metadata; empty if there is none. */
  Mono<JsonNode> definition(String kind, String name) {
    return call(HttpMethod.GET, "/metadata/" + kind + "/" + encoded(name), null)
        .filter(reply -> reply.status() != 404 && !reply.text().isBlank())
        .map(reply -> reply.checked().json());
  }

  Mono<Void> createTask(Object definitions) {
    return call(HttpMethod.POST, "/metadata/taskdefs", definitions)
        .doOnNext(HttpCalls.Reply::checked)
        .then();
  }

  /** Sets workflow definitions. Unlike POST, it may be repeated. */
  Mono<Void> putWorkflows(Object definitions) {
    return call(HttpMethod.PUT, "/metadata/workflow", definitions)
        .doOnNext(HttpCalls.Reply::checked)
        .then();
  }

  /** Starts a workflow and answers its id. Not repeatable. */
  Mono<String> start(String workflow, Object input) {
    return call(HttpMethod.POST, "/workflow/" + encoded(workflow), input)
        .map(
            reply -> {
              String id = reply.checked().text().strip();
              if (!ID.matcher(id).matches()) {
                throw reply.broken("expected a workflow's id");
              }
              return id;
            });
  }

  /** A workflow with its tasks, those that were run again included. */
  Mono<JsonNode> workflow(String id) {
    return call(HttpMethod.GET, "/workflow/" + encoded(id) + "?includeTasks=true", null)
        .map(reply -> reply.checked().json());
  }

  /** The status of a workflow. */
  Mono<String> status(String id) {
    return call(HttpMethod.GET, "/workflow/" + encoded(id) + "?includeTasks=false", null)
        .map(
            reply -> {
              String status = reply.checked().json().path("status").asString("");
              if (status.isEmpty()) {
                throw reply.broken("expected a workflow with its status");
              }
              return status;
            });
  }

  private Mono<HttpCalls.Reply> call(HttpMethod method, String path, @Nullable Object body) {
    return headers.flatMap(with -> http.send(method, path, with, body));
  }

  /** The token's header, kept for less than its life; none where authentication is off. */
  private Mono<Map<String, String>> token(Credentials credentials) {
    Object request = Map.of("keyId", credentials.keyId(), "keySecret", credentials.secret());
    return http.send(HttpMethod.POST, "/token", Map.of(), request)
        .map(
            reply -> {
              if (reply.status() == 404) {
                return Map.<String, String>of();
              }
              String token = reply.checked().json().path("token").asString("");
              if (token.isEmpty()) {
                throw ServerFailure.of(Kind.BROKEN, "POST /token: there is no token in it", null);
              }
              return Map.of("X-Authorization", token);
            })
        .cache(headers -> Duration.ofMinutes(40), e -> Duration.ZERO, () -> Duration.ZERO);
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, UTF_8).replace("+", "%20");
  }
}
