package dev.holdfast.conductor.real;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** JSON as plain maps and lists, apart from the client's own binding that it helps to judge. */
final class Json {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private Json() {}

  static String write(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  static Map<String, ?> readObject(String text) {
    return MAPPER.readValue(text, new TypeReference<Map<String, ?>>() {});
  }

  static List<Map<String, ?>> readObjects(String text) {
    return MAPPER.readValue(text, new TypeReference<List<Map<String, ?>>>() {});
  }

  static String text(Map<String, ?> json, String field) {
    return json.get(field) instanceof String text ? text : "";
  }

  static int number(Map<String, ?> json, String field) {
    return json.get(field) instanceof Number number ? number.intValue() : 0;
  }

  @SuppressWarnings("unchecked")
  static Map<String, ?> object(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? (Map<String, ?>) map : Map.of();
  }

  static List<Map<String, ?>> objects(@Nullable Object value) {
    return value instanceof List<?> list
        ? list.stream().<Map<String, ?>>map(Json::object).toList()
        : List.of();
  }
}
