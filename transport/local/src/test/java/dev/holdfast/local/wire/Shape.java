package dev.holdfast.local.wire;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What of an answer's body is compared: the names and types of its members, and the values of those
 * that tell its effect. Ids are told by what they were captured as.
 */
final class Shape {

  /** What the real server writes and this one does not; no worker reads it. */
  static final Set<String> NOT_SERVED =
      Set.of(
          "createdBy",
          "updatedBy",
          "taskDefinition",
          "decisionCases",
          "defaultCase",
          "forkTasks",
          "joinOn",
          "defaultExclusiveJoinTask",
          "loopOver",
          "onStateChange",
          "permissive",
          "metadata",
          "enforceSchema");

  /** Members whose values are the effect of a request. */
  private static final Set<String> VALUES =
      Set.of(
          "status",
          "retryable",
          "inputData",
          "outputData",
          "input",
          "output",
          "retryCount",
          "seq",
          "pollCount",
          "callbackAfterSeconds",
          "startDelayInSeconds",
          "responseTimeoutSeconds",
          "retried",
          "workerId",
          "domain",
          "correlationId",
          "priority",
          "workflowPriority",
          "taskToDomain",
          "failedReferenceTaskNames",
          "failedTaskNames",
          "healthy",
          "log",
          "bulkErrorResults",
          "bulkSuccessfulResults",
          "reasonForIncompletion",
          "retriedTaskId",
          "referenceTaskName",
          "taskDefName",
          "taskType",
          "taskId",
          "workflowId",
          "workflowInstanceId",
          "path");

  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final Map<String, String> names;
  private final Set<String> seen;
  private final boolean withDefinitions;

  /**
   * @param names what values are told by
   * @param seen gets the names of all members
   * @param withDefinitions whether the definitions within tasks and workflows are looked into
   */
  Shape(Map<String, String> names, Set<String> seen, boolean withDefinitions) {
    this.names = names;
    this.seen = seen;
    this.withDefinitions = withDefinitions;
  }

  String of(String contentType, String body) {
    if (body.isEmpty()) {
      return "-";
    }
    if (!contentType.startsWith("application/json")) {
      return named(body);
    }
    try {
      return of("", MAPPER.readTree(body));
    } catch (JacksonException e) {
      return "no JSON: " + body;
    }
  }

  private String of(String name, JsonNode value) {
    boolean isDefinition = name.equals("workflowTask") || name.equals("workflowDefinition");
    if (isDefinition && !withDefinitions) {
      return value.isObject() ? "definition" : "none";
    }
    if (VALUES.contains(name)) {
      return named(sorted(value));
    }
    return switch (value.getNodeType()) {
      case OBJECT -> object(value);
      case ARRAY -> array(value);
      case NUMBER -> name.isEmpty() ? value.toString() : number(name, value);
      default -> value.getNodeType().name().toLowerCase(Locale.ROOT);
    };
  }

  private static boolean isTime(String shape) {
    return shape.equals("never") || shape.equals("time");
  }

  private static String number(String name, JsonNode value) {
    String kind = value.isIntegralNumber() ? "integer" : "number";
    return name.endsWith("Time") && !name.equals("queueWaitTime")
        ? value.asLong() == 0 ? "never" : "time"
        : kind;
  }

  private String object(JsonNode value) {
    TreeMap<String, String> members = new TreeMap<>();
    value
        .properties()
        .forEach(
            member -> {
              seen.add(member.getKey());
              if (!NOT_SERVED.contains(member.getKey())
                  || (member.getKey().equals("taskDefinition") && value.has("taskReferenceName"))) {
                // When a definition was made is nobody's business but its author's.
                String shape = of(member.getKey(), member.getValue());
                members.put(
                    member.getKey(), value.has("ownerEmail") && isTime(shape) ? "integer" : shape);
              }
            });
    return members.toString();
  }

  private String array(JsonNode value) {
    if (!value.isEmpty() && value.get(0).has("path")) {
      // Their order is nobody's promise.
      Set<String> flaws = new TreeSet<>();
      value.forEach(flaw -> flaws.add(flaw.path("path").asString()));
      return flaws.toString();
    }
    StringBuilder all = new StringBuilder("[");
    value.forEach(element -> all.append(all.length() > 1 ? ", " : "").append(of("", element)));
    return all.append("]").toString();
  }

  /** Members in order of their names, so that equal values are equal texts. */
  private static String sorted(JsonNode value) {
    if (value.isObject()) {
      TreeMap<String, String> members = new TreeMap<>();
      value.properties().forEach(m -> members.put(m.getKey(), sorted(m.getValue())));
      return members.toString();
    }
    if (value.isArray()) {
      StringBuilder all = new StringBuilder("[");
      value.forEach(element -> all.append(all.length() > 1 ? ", " : "").append(sorted(element)));
      return all.append("]").toString();
    }
    return value.toString();
  }

  private String named(String text) {
    String named = text;
    for (Map.Entry<String, String> name : names.entrySet()) {
      named = named.replace(name.getValue(), "$" + name.getKey());
    }
    return named.replaceAll(
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "some id");
  }
}
