package dev.holdfast.conductor;

import dev.holdfast.client.ServerFailure;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.util.context.Context;

/** Makes calls: each under its deadlines, its answer read as it streams, its failure typed. */
final class Caller {

  /** Makes the reader of an answer whose status is 2xx. */
  interface Reader<T> {
    Reply<T> open(Exchange exchange, String contentType);
  }

  private final Connections connections;
  private final Failures failures;

  Caller(Connections connections, Failures failures) {
    this.connections = connections;
    this.failures = failures;
  }

  /** One call without a token. */
  <T> Flux<T> call(Call call, Reader<T> reader) {
    return Flux.defer(
        () -> {
          Exchange exchange = new Exchange(call, connections.deadlines());
          return withDeadline(exchange, attempt(exchange, null, reader));
        });
  }

  /** One call with a token; once more with a new one if the server takes it for expired. */
  <T> Flux<T> call(Call call, TokenSource tokens, Reader<T> reader) {
    return Flux.defer(
        () -> {
          Exchange exchange = new Exchange(call, connections.deadlines());
          Flux<T> answer =
              tokens
                  .current()
                  .flatMapMany(
                      token ->
                          attempt(exchange, token.value(), reader)
                              .onErrorResume(
                                  e -> exchange.isTokenRefused(),
                                  e ->
                                      tokens
                                          .replacing(token)
                                          .flatMapMany(
                                              next -> attempt(exchange, next.value(), reader))));
          return withDeadline(exchange, answer);
        });
  }

  private <T> Flux<T> withDeadline(Exchange exchange, Flux<T> answer) {
    if (connections.isClosed()) {
      return Flux.error(failures.closed());
    }
    return new BoundedAnswer<>(
        answer, connections.deadlines(), new Bounds(exchange, connections, failures));
  }

  /** How one subscription of a call may end. */
  private record Bounds(Exchange exchange, Connections connections, Failures failures)
      implements BoundedAnswer.Bounds {

    @Override
    public Duration total() {
      return exchange.call.total();
    }

    @Override
    public long silentUntilNanos(long nowNanos) {
      return exchange.silentUntilNanos(nowNanos);
    }

    @Override
    public void afterReading(Runnable look) {
      exchange.afterReading(look);
    }

    @Override
    public Throwable overdue() {
      return failures.overdue(exchange);
    }

    @Override
    public Throwable typed(Throwable error) {
      if (connections.isClosed() && !(error instanceof ServerFailure)) {
        return failures.closed().withMaybeApplied(exchange.isSent());
      }
      return failures.of(error, exchange);
    }

    @Override
    public Context context(Context callers) {
      return callers.put(Exchange.class, exchange);
    }
  }

  private <T> Flux<T> attempt(Exchange exchange, @Nullable String token, Reader<T> reader) {
    exchange.begin(token);
    HttpClient.RequestSender sender = connections.sender(exchange.call);
    RequestBody body = exchange.body();
    HttpClient.ResponseReceiver<?> receiver =
        body == null ? sender : sender.send(Mono.fromSupplier(body::view));
    return receiver.response((response, content) -> read(exchange, response, content, reader));
  }

  private static <T> Publisher<T> read(
      Exchange exchange, HttpClientResponse response, ByteBufFlux content, Reader<T> reader) {
    exchange.answered(response.status().code());
    Reply<T> reply =
        exchange.isAccepted()
            ? reader.open(exchange, contentType(response))
            : new ErrorReply<>(exchange, retryAfter(response));
    // A status that is no success says enough, even if what explains it breaks off.
    return new ReadAnswer<>(content, reply, exchange);
  }

  private static String contentType(HttpClientResponse response) {
    String type = response.responseHeaders().get(HttpHeaderNames.CONTENT_TYPE);
    return type == null ? "(no content type)" : type;
  }

  private static @Nullable Duration retryAfter(HttpClientResponse response) {
    return RetryAfter.parse(
        response.responseHeaders().get(HttpHeaderNames.RETRY_AFTER), Instant.now());
  }
}
