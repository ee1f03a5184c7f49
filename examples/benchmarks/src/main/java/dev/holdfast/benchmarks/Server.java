package dev.holdfast.benchmarks;

import dev.holdfast.benchmarks.server.Counts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The stand-in's process and how it is told what to do. */
final class Server implements AutoCloseable {

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Child process;
  private final String url;

  Server(Child process) {
    this.process = process;
    this.url = "http://127.0.0.1:" + process.answer();
  }

  /** The base of the task API. */
  String api() {
    return url + "/api";
  }

  /** A new beginning with an endless backlog for a worker of so many slots. */
  void reset(int slots) {
    post("/reset?slots=" + slots);
  }

  /** What was counted, and a new window for the figures of slots. */
  Counts mark() {
    return post("/mark");
  }

  /** No more work than has been handed out. */
  void dryUp() {
    post("/dry-up");
  }

  Counts counts() {
    return send(HttpRequest.newBuilder(URI.create(url + "/stats")).GET());
  }

  double cpuSeconds() {
    return process.cpuSeconds();
  }

  @Override
  public void close() {
    process.close();
  }

  private Counts post(String path) {
    return send(
        HttpRequest.newBuilder(URI.create(url + path)).POST(HttpRequest.BodyPublishers.noBody()));
  }

  private Counts send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> answer =
          http.send(
              request.timeout(Duration.ofSeconds(30)).build(),
              HttpResponse.BodyHandlers.ofString());
      return Counts.parse(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException("the stand-in does not answer", e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }
}
