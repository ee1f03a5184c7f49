package dev.holdfast.local.wire;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a server answered to the script: a line for each step. */
final class Transcript {

  private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
  private static final Duration UNTIL_LIMIT = Duration.ofSeconds(10);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, String> captured = new LinkedHashMap<>();
  private final Set<String> members = new TreeSet<>();
  private final Map<String, String> lines = new LinkedHashMap<>();
  private final URI root;

  private Transcript(URI root) {
    this.root = root;
    captured.put("u", UUID.randomUUID().toString().substring(0, 8));
  }

  /** Runs all steps in order. */
  static Transcript of(URI root, List<Step> script) {
    Transcript transcript = new Transcript(root);
    script.forEach(transcript::run);
    return transcript;
  }

  /** The answers' lines by the names of the steps. */
  Map<String, String> lines() {
    return lines;
  }

  /** The names of all members of all objects that were answered. */
  Set<String> members() {
    return members;
  }

  private void run(Step step) {
    pause(step.pause());
    long end = System.nanoTime() + UNTIL_LIMIT.toNanos();
    long begun = System.nanoTime();
    HttpResponse<String> reply = send(step);
    while (step.until() != null && !has(reply, step.until()) && System.nanoTime() < end) {
      pause(Duration.ofMillis(50));
      begun = System.nanoTime();
      reply = send(step);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    capture(step, reply);
    String type = reply.headers().firstValue("Content-Type").orElse("-");
    Shape shape = new Shape(captured, members, step.isDeep());
    String line = reply.statusCode() + " " + type + " " + shape.of(type, reply.body());
    Duration limit = step.timed();
    lines.put(
        step.name(),
        limit == null ? line : line + (took.compareTo(limit) < 0 ? " at once" : " after a wait"));
  }

  private HttpResponse<String> send(Step step) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(root + filled(step.path()))).timeout(CALL_LIMIT);
    String body = step.body();
    if (body == null) {
      request.method(step.method(), BodyPublishers.noBody());
    } else {
      request.method(
          step.method(),
          BodyPublishers.ofString(filled(body.replace('\'', '"').replace('^', '\''))));
      if (step.contentType() != null) {
        request.header("Content-Type", step.contentType());
      }
    }
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(step.name() + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void capture(Step step, HttpResponse<String> reply) {
    step.captures()
        .forEach(
            (variable, pointer) -> {
              JsonNode json = json(reply);
              String value =
                  pointer.isEmpty()
                      ? reply.body()
                      : json == null ? "" : json.at(pointer).asString("");
              if (value.isEmpty()) {
                throw new AssertionError(
                    step.name() + ": no " + variable + " in " + reply.statusCode() + reply.body());
              }
              captured.put(variable, value);
            });
  }

  private String filled(String text) {
    String filled = text;
    for (Map.Entry<String, String> variable : captured.entrySet()) {
      filled = filled.replace("$" + variable.getKey() + ";", variable.getValue());
    }
    return filled;
  }

  private static boolean has(HttpResponse<String> reply, String pointer) {
    JsonNode json = json(reply);
    return json != null && !json.at(pointer).isMissingNode();
  }

  private static @Nullable JsonNode json(HttpResponse<String> reply) {
    try {
      return JsonMapper.shared().readTree(reply.body());
    } catch (JacksonException e) {
      return null;
    }
  }

  private static void pause(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }
}
