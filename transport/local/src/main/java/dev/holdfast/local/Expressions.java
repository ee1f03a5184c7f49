package dev.holdfast.local;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The expressions of a workflow's parameters, such as <code>${workflow.input.x}</code>: the part of
 * Conductor's that names a value by members and indices. An expression that is the whole of a
 * string becomes the value it names, whatever its kind; within a longer string it becomes text.
 */
final class Expressions {

  private static final Pattern EXPRESSION = Pattern.compile("\\$\\{([^}]*)}");
  private static final Pattern STEP =
      Pattern.compile(
          "\\.?([A-Za-z_][A-Za-z0-9_-]*)|\\['([^']*)'\\]|\\[\"([^\"]*)\"\\]|\\[(\\d{1,9})\\]");
  private static final Set<String> OF_WORKFLOW =
      Set.of("input", "workflowId", "workflowType", "version", "correlationId");
  private static final String TASK_ID = "CPEWF_TASK_ID";

  private final ObjectNode values;

  /**
   * @param values what can be named, by its first member
   */
  Expressions(ObjectNode values) {
    this.values = values;
  }

  /** The template with every expression replaced; what names nothing becomes null. */
  JsonNode resolve(JsonNode template) {
    if (template instanceof ObjectNode object) {
      ObjectNode resolved = Json.object();
      object.properties().forEach(m -> resolved.set(m.getKey(), resolve(m.getValue())));
      return resolved;
    }
    if (template instanceof ArrayNode array) {
      ArrayNode resolved = Json.MAPPER.createArrayNode();
      array.forEach(element -> resolved.add(resolve(element)));
      return resolved;
    }
    return template.isString() ? resolve(template, template.asString()) : template;
  }

  private JsonNode resolve(JsonNode template, String text) {
    Matcher found = EXPRESSION.matcher(text);
    if (!found.find()) {
      return template;
    }
    if (found.start() == 0 && found.end() == text.length()) {
      return value(found.group(1));
    }
    StringBuilder whole = new StringBuilder();
    int copied = 0;
    do {
      whole.append(text, copied, found.start());
      JsonNode value = value(found.group(1));
      whole.append(value.isString() ? value.asString() : Json.text(value));
      copied = found.end();
    } while (found.find());
    return Json.MAPPER
        .getNodeFactory()
        .stringNode(whole.append(text, copied, text.length()).toString());
  }

  private JsonNode value(String expression) {
    List<Object> path = path(expression);
    JsonNode value = values;
    if (path == null) {
      return NullNode.getInstance();
    }
    for (Object step : path) {
      value = step instanceof Integer index ? value.path(index) : value.path((String) step);
    }
    return value.isMissingNode() ? NullNode.getInstance() : value;
  }

  /**
   * The expressions in a template that name nothing this server knows.
   *
   * @param references the reference names whose tasks may be named
   */
  static Set<String> unfit(JsonNode template, Set<String> references) {
    Set<String> unfit = new LinkedHashSet<>();
    collect(template, references, unfit);
    return unfit;
  }

  private static void collect(JsonNode template, Set<String> references, Set<String> unfit) {
    if (template.isContainer()) {
      template.forEach(element -> collect(element, references, unfit));
    } else if (template.isString()) {
      Matcher found = EXPRESSION.matcher(template.asString());
      while (found.find()) {
        if (!isFit(found.group(1), references)) {
          unfit.add(Line.of(found.group(1)));
        }
      }
    }
  }

  private static boolean isFit(String expression, Set<String> references) {
    List<Object> path = path(expression);
    if (path == null || !(path.get(0) instanceof String first)) {
      return false;
    }
    if (first.equals(TASK_ID)) {
      return path.size() == 1;
    }
    if (first.equals("workflow")) {
      return path.size() > 1
          && path.get(1) instanceof String member
          && OF_WORKFLOW.contains(member);
    }
    return references.contains(first);
  }

  /** Names as strings and indices as integers, or null if it is no such path. */
  private static @Nullable List<Object> path(String expression) {
    List<Object> path = new ArrayList<>();
    Matcher step = STEP.matcher(expression);
    int end = 0;
    while (end < expression.length()) {
      step.region(end, expression.length());
      if (!step.lookingAt()
          || (step.group(1) != null && (end > 0) != (expression.charAt(end) == '.'))) {
        return null;
      }
      String index = step.group(4);
      String name =
          step.group(1) != null
              ? step.group(1)
              : step.group(2) != null ? step.group(2) : step.group(3);
      path.add(index == null ? String.valueOf(name) : (Object) Integer.valueOf(index));
      end = step.end();
    }
    return path.isEmpty() ? null : path;
  }
}
