package dev.holdfast.conductor;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An answer whose status is not 2xx: reads what the server says and types it. */
final class ErrorReply<T> implements Reply<T> {

  private final Exchange exchange;
  private final @Nullable Duration retryAfter;
  private final BoundedBody body = new BoundedBody();

  ErrorReply(Exchange exchange, @Nullable Duration retryAfter) {
    this.exchange = exchange;
    this.retryAfter = retryAfter;
  }

  @Override
  public List<T> read(byte[] chunk, int length) {
    body.add(chunk, length);
    return List.of();
  }

  @Override
  public boolean isSated() {
    return body.isCut();
  }

  @Override
  public List<T> end() {
    ApiError error = ApiError.parse(body.bytes(), body.length());
    if (error != null && error.isTokenRefusal()) {
      exchange.markTokenRefused();
    }
    throw failure(error);
  }

  private ServerFailure failure(@Nullable ApiError error) {
    int status = exchange.status();
    String text = status + " from " + exchange.call + ": " + what(error);
    ServerFailure failure =
        ServerFailure.of(kind(status, error), text, null)
            .withStatus(status)
            .withMaybeApplied(status >= 500 && status != 503)
            .withRetryAfter(retryAfter);
    return error == null ? failure : failure.withRetryable(error.retryable());
  }

  private String what(@Nullable ApiError error) {
    if (error != null) {
      return error.message().isEmpty() ? "no reason given" : error.message();
    }
    String limit = body.isCut() ? " (the first " + BoundedBody.LIMIT + " bytes were read)" : "";
    return "not an answer of the API but " + body.excerpt() + limit;
  }

  private static Kind kind(int status, @Nullable ApiError error) {
    return switch (status) {
      case 401, 403 -> Kind.UNAUTHORIZED;
      case 429, 502, 503, 504 -> Kind.OVERLOADED;
      case 408 -> Kind.BROKEN;
      default -> status >= 400 && status < 500 && error != null ? Kind.REJECTED : Kind.BROKEN;
    };
  }
}
