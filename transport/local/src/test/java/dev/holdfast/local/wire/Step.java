package dev.holdfast.local.wire;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request of the script. In path and body, {@code $name} is what an earlier step has captured,
 * and single quotes are double ones.
 *
 * @param name what is asked, unique
 * @param captures what later steps need: a name, and where it stands in the answer's JSON; an empty
 *     pointer is the whole text
 * @param pause how long to wait before it
 * @param until where the answer's JSON must have something: it is asked again until then
 * @param timed a wait that it is told apart from, if the time it takes matters
 */
record Step(
    String name,
    String method,
    String path,
    @Nullable String body,
    @Nullable String contentType,
    Map<String, String> captures,
    Duration pause,
    @Nullable String until,
    @Nullable Duration timed) {

  static Step get(String name, String path) {
    return call(name, "GET", path, null);
  }

  static Step post(String name, String path, String body) {
    return call(name, "POST", path, body);
  }

  static Step call(String name, String method, String path, @Nullable String body) {
    return new Step(
        name, method, path, body, "application/json", Map.of(), Duration.ZERO, null, null);
  }

  Step capture(String variable, String pointer) {
    Map<String, String> more = new LinkedHashMap<>(captures);
    more.put(variable, pointer);
    return new Step(name, method, path, body, contentType, more, pause, until, timed);
  }

  /** Whether it looks into the definitions within its answer: once for each kind is enough. */
  boolean isDeep() {
    return name.equals("a workflow") || name.equals("a scheduled task");
  }

  Step as(@Nullable String type) {
    return new Step(name, method, path, body, type, captures, pause, until, timed);
  }

  Step after(Duration wait) {
    return new Step(name, method, path, body, contentType, captures, wait, until, timed);
  }

  Step until(String pointer) {
    return new Step(name, method, path, body, contentType, captures, pause, pointer, timed);
  }

  Step timed(Duration limit) {
    return new Step(name, method, path, body, contentType, captures, pause, until, limit);
  }
}
