package dev.holdfast.local;

import dev.holdfast.local.Refusal.Flaw;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A workflow of one task.
 *
 * @param json all of it, as it is served
 * @param step its task, as it is served
 * @param retryCount the step's own, or null for that of the task type
 */
record WorkflowDefinition(
    String name,
    int version,
    String json,
    String step,
    String taskType,
    String reference,
    String inputParameters,
    String inputTemplate,
    String outputParameters,
    @Nullable Integer retryCount,
    int startDelaySeconds,
    long timeoutSeconds,
    boolean timesOut) {

  private static final Set<String> KNOWN =
      Set.of(
          "name",
          "description",
          "version",
          "ownerEmail",
          "ownerApp",
          "createTime",
          "updateTime",
          "createdBy",
          "updatedBy",
          "schemaVersion",
          "tasks",
          "inputParameters",
          "inputTemplate",
          "outputParameters",
          "timeoutSeconds",
          "timeoutPolicy",
          "metadata",
          // Their defaults on the wire; nothing here depends on them.
          "restartable",
          "enforceSchema");
  private static final Set<String> STEP_KNOWN =
      Set.of(
          "name",
          "description",
          "taskReferenceName",
          "type",
          "inputParameters",
          "retryCount",
          "startDelay",
          "taskDefinition");

  /** What the timeout of a workflow does. */
  enum TimeoutPolicy {
    TIME_OUT_WF,
    ALERT_ONLY
  }

  /**
   * Reads a definition and fills in what it does not say.
   *
   * @param path where it stands in the request, for the errors
   */
  static WorkflowDefinition read(ObjectNode given, String path, List<Flaw> flaws) {
    Fields fields = new Fields(given);
    JsonNode tasks = given.path("tasks");
    if (!tasks.isMissingNode() && !tasks.isNull() && !tasks.isArray()) {
      throw Refusal.unreadable(
          "JSON parse error: tasks is " + Json.kind(tasks) + ": expected an array");
    }
    if (fields.text("name").isBlank()) {
      flaws.add(Flaw.of(path + ".name", "WorkflowDef name cannot be null or empty"));
    }
    if (fields.text("ownerEmail").isBlank()) {
      flaws.add(Flaw.of(path + ".ownerEmail", "ownerEmail cannot be empty"));
    }
    if (tasks.isEmpty()) {
      flaws.add(Flaw.of(path + ".tasks", "WorkflowTask list cannot be empty"));
      return of(given, Json.object());
    }
    if (tasks.size() > 1) {
      flaws.add(
          Flaw.of(
              path + ".tasks",
              "There are "
                  + tasks.size()
                  + " tasks: this server runs workflows of one SIMPLE task, Conductor the others"));
    }
    ObjectNode step = Json.object(tasks.get(0), "a task");
    WorkflowDefinition definition = of(given, step);
    definition.checkStep(path, new Fields(step), flaws);
    return definition;
  }

  /** From the text that {@link #json} gave. */
  static WorkflowDefinition parse(String json) {
    ObjectNode given = Json.object(json);
    return of(given, (ObjectNode) given.path("tasks").get(0));
  }

  private static WorkflowDefinition of(ObjectNode given, ObjectNode givenStep) {
    Fields fields = new Fields(given);
    Fields stepFields = new Fields(givenStep);
    String name = fields.text("name");
    int version = fields.integer("version", 1);
    long timeout = fields.number("timeoutSeconds", 0);
    TimeoutPolicy policy =
        fields.constant("timeoutPolicy", TimeoutPolicy.class, TimeoutPolicy.ALERT_ONLY);
    String taskType = stepFields.text("name");
    String reference = stepFields.text("taskReferenceName");
    String inputs = stepFields.object("inputParameters");
    String outputs = fields.object("outputParameters");
    String template = fields.object("inputTemplate");
    int startDelay = stepFields.integer("startDelay", 0);
    String type = stepFields.text("type");

    ObjectNode step = Json.object().setAll(givenStep);
    step.put("name", taskType).put("taskReferenceName", reference);
    step.set("inputParameters", Json.object(inputs));
    step.put("type", type.isEmpty() ? "SIMPLE" : type)
        .put("startDelay", startDelay)
        .put("optional", stepFields.flag("optional"))
        .put("asyncComplete", stepFields.flag("asyncComplete"));
    ObjectNode full = Json.object();
    full.put("createTime", fields.number("createTime", 0));
    full.put("updateTime", fields.number("updateTime", 0));
    full.setAll(given);
    full.put("name", name).put("version", version);
    full.putArray("tasks").add(step);
    if (!full.path("inputParameters").isArray()) {
      full.putArray("inputParameters");
    }
    full.set("outputParameters", Json.object(outputs));
    full.put("schemaVersion", fields.integer("schemaVersion", 2))
        .put("restartable", true)
        .put("workflowStatusListenerEnabled", fields.flag("workflowStatusListenerEnabled"))
        .put("timeoutPolicy", policy.name())
        .put("timeoutSeconds", timeout);
    full.set("variables", Json.object(fields.object("variables")));
    full.set("inputTemplate", Json.object(template));
    return new WorkflowDefinition(
        name,
        version,
        Json.text(full),
        Json.text(step),
        taskType,
        reference,
        inputs,
        template,
        outputs,
        givenStep.path("retryCount").isNumber() ? stepFields.integer("retryCount", 0) : null,
        Math.max(0, startDelay),
        timeout,
        timeout > 0 && policy == TimeoutPolicy.TIME_OUT_WF);
  }

  private void checkStep(String whole, Fields given, List<Flaw> flaws) {
    String path = whole + ".tasks[0]";
    if (taskType.isBlank()) {
      flaws.add(Flaw.of(path + ".name", "WorkflowTask name cannot be empty or null"));
    }
    if (reference.isBlank()) {
      flaws.add(
          Flaw.of(
              path + ".taskReferenceName",
              "WorkflowTask taskReferenceName name cannot be empty or null"));
    }
    String type = given.text("type");
    if (!type.isEmpty() && !type.equals("SIMPLE")) {
      flaws.add(
          Flaw.of(
              path + ".type",
              "type is "
                  + Line.of(type)
                  + ": this server runs workflows of one SIMPLE task, Conductor the others"));
    }
    if (retryCount != null && (retryCount < 0 || retryCount > TaskDefinition.MAX_RETRIES)) {
      flaws.add(
          Flaw.of(
              path + ".retryCount",
              "retryCount is "
                  + retryCount
                  + ": expected from 0 to "
                  + TaskDefinition.MAX_RETRIES));
    }
    for (String expression : Expressions.unfit(Json.object(inputParameters), Set.of())) {
      flaws.add(Flaw.of(whole, "input parameter value: " + expression + " is not valid"));
    }
    for (String expression : Expressions.unfit(Json.object(outputParameters), Set.of(reference))) {
      flaws.add(Flaw.of(whole, "output parameter value: " + expression + " is not valid"));
    }
  }

  /** This definition with its times. */
  WorkflowDefinition at(long created, long updated) {
    ObjectNode full = Json.object(json).put("createTime", created).put("updateTime", updated);
    return of(full, (ObjectNode) full.path("tasks").get(0));
  }

  long createTime() {
    return Json.object(json).path("createTime").asLong(0);
  }

  /** What is set and has no effect here. */
  List<String> ignored() {
    ObjectNode full = Json.object(json);
    List<String> names = new ArrayList<>(new Fields(full).beyond(KNOWN));
    if (full.path("tasks") instanceof ArrayNode tasks && tasks.get(0) instanceof ObjectNode task) {
      new Fields(task).beyond(STEP_KNOWN).forEach(name -> names.add("tasks[0]." + name));
    }
    return names;
  }
}
