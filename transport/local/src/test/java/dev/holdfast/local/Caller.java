package dev.holdfast.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Calls a server from outside: by the JDK's client, or byte by byte. */
final class Caller {

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int port;

  Caller(LocalTaskServer server) {
    this.port = server.port();
  }

  HttpResponse<String> call(String method, String path, @Nullable String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .method(
                method,
                body == null
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(body.replace('\'', '"')));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  HttpResponse<String> get(String path, String... headers) {
    return call("GET", path, null, headers);
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Starts a workflow of one task and answers its id. */
  String start(String type) {
    HttpResponse<String> started =
        call(
            "POST",
            "/api/workflow",
            "{'name':'%1$s','workflowDef':{'name':'%1$s','ownerEmail':'a@example.com','tasks':[{'name':'%1$s','taskReferenceName':'r'}]}}"
                .formatted(type));
    if (started.statusCode() != 200) {
      throw new AssertionError(started.statusCode() + " " + started.body());
    }
    return started.body();
  }

  /** A connection on which this has been written. */
  Socket open(String text) {
    try {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads until the text has come or the connection ends; answers all that came. */
  static String read(Socket socket, String until) throws IOException {
    byte[] bytes = new byte[65_536];
    int length = 0;
    while (!new String(bytes, 0, length, StandardCharsets.UTF_8).contains(until)) {
      if (length == bytes.length) {
        bytes = Arrays.copyOf(bytes, 2 * length);
      }
      int read = socket.getInputStream().read(bytes, length, bytes.length - length);
      if (read < 0) {
        break;
      }
      length += read;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
