package dev.holdfast.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.ProxyProvider;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON over HTTP, each call bounded in time and size and sent once. */
final class HttpCalls {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration TOTAL = Duration.ofSeconds(30);
  private static final int MAX_REPLY = 16 << 20;
  private static final int SHOWN = 80;

  private final ConnectionProvider connections;
  private final HttpClient client;

  HttpCalls(Connection connection, int parallel) {
    this.connections =
        ConnectionProvider.builder("submit")
            .maxConnections(parallel)
            .pendingAcquireMaxCount(parallel)
            .maxIdleTime(Duration.ofSeconds(20))
            .build();
    HttpClient plain =
        HttpClient.create(connections)
            .baseUrl(connection.url())
            .disableRetry(true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT.toMillis());
    URI proxy = connection.proxy();
    HttpClient proxied =
        proxy == null
            ? plain
            : plain.proxy(
                by ->
                    by.type(ProxyProvider.Proxy.HTTP)
                        .socketAddress(
                            InetSocketAddress.createUnresolved(
                                Objects.requireNonNull(proxy.getHost()),
                                proxy.getPort() < 0 ? 80 : proxy.getPort())));
    this.client = secured(proxied, connection);
  }

  private static HttpClient secured(HttpClient client, Connection connection) {
    if (connection.ca() == null && connection.identity() == null) {
      return client;
    }
    try {
      SslContextBuilder builder = SslContextBuilder.forClient();
      if (connection.ca() != null) {
        builder.trustManager(connection.ca().toFile());
      }
      Connection.Identity identity = connection.identity();
      if (identity != null) {
        builder.keyManager(identity.certificate().toFile(), identity.key().toFile());
      }
      SslContext context = builder.build();
      return client.secure(ssl -> ssl.sslContext(context));
    } catch (SSLException | IllegalArgumentException e) {
      throw new BadSetting(
          "the files of --ca, --client-cert and --client-key can't be used: " + e.getMessage(),
          ExitCode.CONFIG);
    }
  }

  Mono<Reply> send(
      HttpMethod method, String path, Map<String, String> headers, @Nullable Object body) {
    String name = method + " " + path;
    byte[] bytes = body == null ? new byte[0] : JSON.writeValueAsBytes(body);
    return client
        .headers(
            all -> {
              headers.forEach(all::set);
              all.set("Accept", "application/json, text/plain");
              if (body != null) {
                all.set("Content-Type", "application/json");
              }
            })
        .request(method)
        .uri(path)
        .send((request, out) -> body == null ? out : out.sendByteArray(Mono.just(bytes)))
        .response(
            (response, content) ->
                content
                    .asByteArray()
                    .collect(ByteArrayOutputStream::new, HttpCalls::append)
                    .map(all -> new Reply(name, response.status().code(), all.toString(UTF_8))))
        .single()
        .timeout(TOTAL)
        .onErrorMap(e -> !(e instanceof ServerFailure), e -> unreachable(name, e));
  }

  Mono<Void> close() {
    return connections.disposeLater();
  }

  private static void append(ByteArrayOutputStream all, byte[] part) {
    if (all.size() + part.length > MAX_REPLY) {
      throw ServerFailure.of(Kind.BROKEN, "the reply is larger than " + MAX_REPLY + " bytes", null);
    }
    all.writeBytes(part);
  }

  private static ServerFailure unreachable(String name, Throwable e) {
    String said = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    String why =
        e instanceof TimeoutException
            ? "no answer within " + TOTAL.toSeconds() + " s"
            : said.replaceFirst("^.*failed with error\\(-?[0-9]+\\): ", "");
    return ServerFailure.of(Kind.UNREACHABLE, name + ": " + why, e);
  }

  /**
   * An answer.
   *
   * @param call what it answers, for messages
   * @param status the HTTP status
   * @param text the body
   */
  record Reply(String call, int status, String text) {

    /** This reply, unless it is an error. */
    Reply checked() {
      if (status >= 200 && status < 300) {
        return this;
      }
      if (status == 401 || status == 403) {
        throw failure(
            Kind.UNAUTHORIZED,
            "the server refuses the credentials: check %s and %s"
                .formatted(Credentials.KEY, Credentials.SECRET));
      }
      if (status == 429 || status == 502 || status == 503 || status == 504) {
        throw failure(Kind.OVERLOADED, message());
      }
      throw failure(status >= 400 && status < 500 ? Kind.REJECTED : Kind.BROKEN, message());
    }

    /** The body as JSON. */
    JsonNode json() {
      try {
        return JSON.readTree(text);
      } catch (JacksonException e) {
        throw broken("expected JSON");
      }
    }

    ServerFailure broken(String expected) {
      String begin = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
      return failure(Kind.BROKEN, "the answer is \"" + begin + "\"; " + expected);
    }

    private String message() {
      try {
        String message = JSON.readTree(text).path("message").asString("");
        return message.isEmpty() ? "no reason given" : message;
      } catch (JacksonException e) {
        return "the answer is not the API's";
      }
    }

    private ServerFailure failure(Kind kind, String why) {
      return ServerFailure.of(kind, call + ": " + status + ", " + why, null).withStatus(status);
    }
  }
}
