package dev.holdfast.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** An HTTP server on a free loopback port that answers as told and remembers what it was asked. */
final class ScriptedServer implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  ScriptedServer(Function<Request, Answer> script) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, script));
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/api";
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  /** The requests of a method whose path, with its query, begins so. */
  List<Request> requests(String method, String path) {
    return requests.stream().filter(request -> request.is(method, path)).toList();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange, Function<Request, Answer> script) throws IOException {
    try (exchange) {
      Request request =
          new Request(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString().substring("/api".length()),
              new String(exchange.getRequestBody().readAllBytes(), UTF_8),
              String.valueOf(exchange.getRequestHeaders().getFirst("X-Authorization")));
      requests.add(request);
      Answer answer = script.apply(request);
      if (answer.status == 0) {
        return; // Closing the exchange without an answer closes the connection.
      }
      byte[] body = answer.body.getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.type);
      int length = body.length + (answer.cut ? 100 : 0);
      exchange.sendResponseHeaders(answer.status, length == 0 ? -1 : length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  record Request(String method, String path, String body, String token) {
    boolean is(String expectedMethod, String beginOfPath) {
      return method.equals(expectedMethod) && path.startsWith(beginOfPath);
    }
  }

  record Answer(int status, String type, String body, boolean cut) {

    static Answer json(String body) {
      return new Answer(200, "application/json", body, false);
    }

    static Answer text(String body) {
      return new Answer(200, "text/plain", body, false);
    }

    static Answer html(int status) {
      return new Answer(status, "text/html", "<html><body>Hello</body></html>", false);
    }

    static Answer error(int status, String message) {
      return new Answer(
          status,
          "application/json",
          "{\"status\":%d,\"message\":\"%s\",\"retryable\":false}".formatted(status, message),
          false);
    }

    static Answer hangUp() {
      return new Answer(0, "", "", false);
    }

    static Answer cut(String body) {
      return new Answer(200, "application/json", body, true);
    }
  }
}
