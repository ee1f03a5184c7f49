package dev.holdfast.conductor;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * The error body of the API: {@code {status, message, instance, retryable}}, or {@code {error,
 * message}} of its authentication.
 *
 * @param code the authentication's code, or null
 */
record ApiError(String message, @Nullable String code, boolean retryable) {

  /** Reads one; null if the body is something else, such as the page of a proxy or a framework. */
  static @Nullable ApiError parse(byte[] body, int length) {
    try (JsonParser parser =
        TaskReader.JSON.createParser(ObjectReadContext.empty(), body, 0, length)) {
      return parser.nextToken() == JsonToken.START_OBJECT ? read(parser) : null;
    } catch (JacksonException e) {
      return null;
    }
  }

  boolean isTokenRefusal() {
    return "EXPIRED_TOKEN".equals(code) || "INVALID_TOKEN".equals(code);
  }

  private static @Nullable ApiError read(JsonParser parser) {
    String message = null;
    String code = null;
    boolean retryable = true;
    boolean hasStatus = false;
    boolean hasTimestamp = false;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken token = parser.nextToken();
      switch (name) {
        case "message" -> message = token == JsonToken.VALUE_STRING ? parser.getString() : null;
        case "error" -> code = token == JsonToken.VALUE_STRING ? parser.getString() : null;
        case "status" -> hasStatus = token == JsonToken.VALUE_NUMBER_INT;
        case "timestamp" -> hasTimestamp = true;
        case "retryable" -> retryable = token != JsonToken.VALUE_FALSE;
        default -> {}
      }
      parser.skipChildren();
    }
    // A web framework's own error page has a status and a message too, and a timestamp.
    if (hasTimestamp || (message == null && code == null && !hasStatus)) {
      return null;
    }
    return new ApiError(message != null ? message : code != null ? code : "", code, retryable);
  }
}
