package dev.holdfast.conductor;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/** What the server says when asked for a token. */
final class TokenAnswer {

  private TokenAnswer() {}

  /** The token of {@code {"token": "…"}}; null if that is not what came. */
  static @Nullable String parse(BoundedBody body) {
    try (JsonParser parser =
        TaskReader.JSON.createParser(ObjectReadContext.empty(), body.bytes(), 0, body.length())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        JsonToken token = parser.nextToken();
        if (name.equals("token") && token == JsonToken.VALUE_STRING) {
          return parser.getString().isBlank() ? null : parser.getString();
        }
        parser.skipChildren();
      }
      return null;
    } catch (JacksonException e) {
      return null;
    }
  }

  /** No such call means that authentication is off; a refusal is one of the credentials. */
  static Mono<String> failed(ServerFailure failure, ConductorSpec.Credentials credentials) {
    if (failure.status() == 404) {
      return Mono.just("");
    }
    boolean refused = failure.kind() == Kind.REJECTED || failure.kind() == Kind.UNAUTHORIZED;
    return Mono.error(
        ServerFailure.of(
                refused ? Kind.UNAUTHORIZED : failure.kind(),
                text(failure, credentials),
                failure.getCause())
            .withStatus(failure.status())
            .withRetryable(failure.retryable())
            .withRetryAfter(failure.retryAfter()));
  }

  /** What came with a 2xx may hold a token under another name, and an error what was sent. */
  private static String text(ServerFailure failure, ConductorSpec.Credentials credentials) {
    return failure.kind() == Kind.BROKEN && failure.status() >= 200 && failure.status() < 300
        ? failure.status() + " from POST /token: expected {\"token\": \"…\"}"
        : failure.text().replace(credentials.secret(), "***");
  }
}
