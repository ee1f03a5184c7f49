package dev.holdfast.local;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a request is answered with. */
final class Answer {

  private static final String JSON = "application/json";
  private static final byte[] NOTHING = new byte[0];
  private static final String INSTANCE = "holdfast-local";

  static final Answer OK = new Answer(200, null, NOTHING, 0);
  static final Answer NO_CONTENT = new Answer(204, null, NOTHING, 0);

  private final int status;
  private final @Nullable String contentType;
  private final byte[] body;
  private final int retryAfterSeconds;

  private Answer(int status, @Nullable String contentType, byte[] body, int retryAfterSeconds) {
    this.status = status;
    this.contentType = contentType;
    this.body = body;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  int status() {
    return status;
  }

  @Nullable String contentType() {
    return contentType;
  }

  /** What is sent; not to be changed. */
  byte[] body() {
    return body;
  }

  /** When to ask again, or 0. */
  int retryAfterSeconds() {
    return retryAfterSeconds;
  }

  static Answer text(String text) {
    return new Answer(200, "text/plain;charset=UTF-8", text.getBytes(StandardCharsets.UTF_8), 0);
  }

  static Answer json(String json) {
    return json(200, json);
  }

  static Answer json(int status, String json) {
    return new Answer(status, JSON, json.getBytes(StandardCharsets.UTF_8), 0);
  }

  static Answer json(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator generator = Json.MAPPER.createGenerator(bytes)) {
      content.accept(generator);
    }
    return new Answer(200, JSON, bytes.toByteArray(), 0);
  }

  static Answer refused(Refusal refusal) {
    ObjectNode error = Json.object().put("status", refusal.status()).put("message", refusal.text());
    if (refusal.flaws().isEmpty()) {
      error.put("instance", INSTANCE);
    }
    error.put("retryable", refusal.isRetryable());
    if (!refusal.flaws().isEmpty()) {
      ArrayNode flaws = error.putArray("validationErrors");
      for (Refusal.Flaw flaw : refusal.flaws()) {
        ObjectNode one = flaws.addObject().put("path", flaw.path()).put("message", flaw.message());
        if (flaw.invalidValue() != null) {
          one.put("invalidValue", flaw.invalidValue());
        }
      }
    }
    return new Answer(refusal.status(), JSON, Json.bytes(error), refusal.isRetryable() ? 1 : 0);
  }

  /** As Orkes does, whose error has a code and no status. */
  static Answer unauthorized(String code, String message) {
    return new Answer(
        401, JSON, Json.bytes(Json.object().put("error", code).put("message", message)), 0);
  }
}
