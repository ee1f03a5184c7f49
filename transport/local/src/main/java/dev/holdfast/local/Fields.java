package dev.holdfast.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the members of an object of a request, each with a default for where it is absent. */
final class Fields {

  private final ObjectNode object;

  Fields(ObjectNode object) {
    this.object = object;
  }

  String text(String name) {
    String text = textOrNull(name);
    return text == null ? "" : text;
  }

  @Nullable String textOrNull(String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    if (value.isValueNode()) {
      return value.asString();
    }
    throw unfit(name, value, "a string");
  }

  int integer(String name, int absent) {
    long value = number(name, absent);
    if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
      throw Refusal.unreadable(
          "JSON parse error: " + name + " is " + value + ": expected a 32-bit integer");
    }
    return (int) value;
  }

  long number(String name, long absent) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return absent;
    }
    if (value.isNumber() && value.canConvertToLong()) {
      return value.asLong();
    }
    if (value.isString()) {
      try {
        return Long.parseLong(value.asString().strip());
      } catch (NumberFormatException e) {
        throw unfit(name, value, "an integer");
      }
    }
    throw unfit(name, value, "an integer");
  }

  boolean flag(String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return false;
    }
    if (value.isBoolean()) {
      return value.asBoolean();
    }
    throw unfit(name, value, "true or false");
  }

  /** An object's text; an empty one where it is absent. */
  String object(String name) {
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? "{}" : Json.text(Json.object(value, name));
  }

  <E extends Enum<E>> E constant(String name, Class<E> type, E absent) {
    E value = constantOrNull(name, type);
    return value == null ? absent : value;
  }

  <E extends Enum<E>> @Nullable E constantOrNull(String name, Class<E> type) {
    String text = textOrNull(name);
    if (text == null) {
      return null;
    }
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(text)) {
        return constant;
      }
    }
    throw Refusal.unreadable(
        "JSON parse error: "
            + name
            + " is "
            + Line.of(text)
            + ": expected one of "
            + List.of(type.getEnumConstants()));
  }

  /** The names of members that say something and are none of these. */
  List<String> beyond(Set<String> known) {
    List<String> names = new ArrayList<>();
    for (var member : object.properties()) {
      if (!known.contains(member.getKey()) && says(member.getValue())) {
        names.add(Line.of(member.getKey()));
      }
    }
    return names;
  }

  private static boolean says(JsonNode value) {
    return switch (value.getNodeType()) {
      case NULL, MISSING -> false;
      case BOOLEAN -> value.asBoolean();
      case NUMBER -> value.decimalValue().signum() != 0;
      case STRING -> !value.asString().isEmpty();
      default -> !value.isEmpty();
    };
  }

  private static Refusal unfit(String name, JsonNode value, String expected) {
    String found =
        value.isValueNode() && !value.isNull()
            ? "\"" + Line.of(value.asString()) + "\""
            : Json.kind(value);
    return Refusal.unreadable(
        "JSON parse error: " + name + " is " + found + ": expected " + expected);
  }
}
