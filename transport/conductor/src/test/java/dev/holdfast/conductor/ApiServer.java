package dev.holdfast.conductor;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/** A server on loopback that records what it is asked and answers what it is told. */
final class ApiServer {

  /** One request and how to answer it. */
  interface Script {
    Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response, String body);
  }

  private final LoopResources loops = LoopResources.create("test-server", 1, true);
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final DisposableServer server;
  private volatile Script script = (request, response, body) -> response.status(500).send();

  ApiServer() {
    this(http -> http);
  }

  ApiServer(java.util.function.UnaryOperator<HttpServer> options) {
    BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> handler =
        (request, response) ->
            request
                .receive()
                .aggregate()
                .asString(StandardCharsets.UTF_8)
                .defaultIfEmpty("")
                .flatMap(body -> answer(request, response, body));
    server =
        options
            .apply(HttpServer.create().host("127.0.0.1").port(0).runOn(loops))
            .handle(handler)
            .bindNow();
  }

  private Mono<Void> answer(HttpServerRequest request, HttpServerResponse response, String body) {
    requests.add(request.method() + " " + request.uri());
    String type = request.requestHeaders().get(HttpHeaderNames.CONTENT_TYPE);
    if (type != null) {
      bodies.add(type + " " + body);
    }
    return Mono.from(script.answer(request, response, body));
  }

  int port() {
    return server.port();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/api";
  }

  void script(Script answers) {
    script = answers;
  }

  void answer(int status, String contentType, String body, String... headers) {
    script(
        (request, response, asked) -> {
          response.status(status);
          if (!contentType.isEmpty()) {
            response.header(HttpHeaderNames.CONTENT_TYPE, contentType);
          }
          for (int i = 0; i < headers.length; i += 2) {
            response.header(headers[i], headers[i + 1]);
          }
          return body.isEmpty()
              ? response.send()
              : response.sendString(Mono.just(body), StandardCharsets.UTF_8);
        });
  }

  List<String> requests() {
    return requests;
  }

  List<String> bodies() {
    return bodies;
  }

  void close() {
    server.disposeNow(Duration.ofSeconds(5));
    loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
  }

  static Flux<String> repeated(String text, int times) {
    return Flux.range(0, times).map(i -> text);
  }
}
