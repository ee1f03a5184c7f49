package dev.holdfast.local;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON as this server reads and writes it. Numbers keep all their digits. */
final class Json {

  private static final int DEPTH_OF_REQUEST = StreamReadConstraints.DEFAULT_MAX_DEPTH;

  private static final JsonMapper REQUESTS =
      mapper(DEPTH_OF_REQUEST, StreamReadConstraints.DEFAULT_MAX_STRING_LEN);

  /**
   * For texts of our own. They are put together from requests, such as an input within the
   * parameters of a task within those of an output: deeper than each, and written as one string.
   */
  static final JsonMapper MAPPER = mapper(4 * DEPTH_OF_REQUEST, Integer.MAX_VALUE);

  private Json() {}

  private static JsonMapper mapper(int depth, int stringLength) {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(depth)
                    .maxStringLength(stringLength)
                    .build())
            .streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(depth).build())
            .build();
    return JsonMapper.builder(factory)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
        .build();
  }

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** The object in a text of our own, which holds one. */
  static ObjectNode object(String text) {
    return (ObjectNode) MAPPER.readTree(text);
  }

  static String text(JsonNode node) {
    return MAPPER.writeValueAsString(node);
  }

  static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
  }

  /** Reads a request's body. */
  static JsonNode read(byte[] body) {
    if (body.length == 0) {
      throw Refusal.unreadable("Required request body is missing");
    }
    try {
      JsonNode node = REQUESTS.readTree(body);
      if (node == null || node.isMissingNode()) {
        throw Refusal.unreadable("Required request body is missing");
      }
      return node;
    } catch (JacksonException e) {
      throw Refusal.unreadable("JSON parse error: " + e.getOriginalMessage());
    }
  }

  /** Reads a request's body that must be an object. */
  static ObjectNode readObject(byte[] body) {
    return object(read(body), "the body");
  }

  static ObjectNode object(JsonNode node, String what) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw Refusal.unreadable(
        "JSON parse error: " + what + " is " + kind(node) + ": expected an object");
  }

  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "a boolean";
      case NULL, MISSING -> "null";
      default -> "of another kind";
    };
  }

  /** Writes a member whose value is JSON text already. */
  static void raw(JsonGenerator to, String name, String json) {
    to.writeName(name);
    to.writeRawValue(json);
  }
}
