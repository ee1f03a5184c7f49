package dev.holdfast.local;

import dev.holdfast.local.Refusal.Flaw;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads what requests bring, and checks it. */
final class Bodies {

  private static final int MAX_PRIORITY = 99;

  private Bodies() {}

  static List<TaskDefinition> taskDefinitions(byte[] body) {
    JsonNode list = list(body);
    List<Flaw> flaws = new ArrayList<>();
    List<TaskDefinition> definitions = new ArrayList<>();
    if (list.isEmpty()) {
      flaws.add(Flaw.of("registerTaskDef.arg0", "TaskDefList is empty"));
    }
    for (int i = 0; i < list.size(); i++) {
      definitions.add(
          TaskDefinition.read(
              Json.object(list.get(i), "a task definition"),
              "registerTaskDef.arg0[" + i + "]",
              flaws));
    }
    return checked(definitions, flaws);
  }

  static TaskDefinition taskDefinition(byte[] body) {
    List<Flaw> flaws = new ArrayList<>();
    return checked(TaskDefinition.read(Json.readObject(body), "updateTaskDef.arg0", flaws), flaws);
  }

  static List<WorkflowDefinition> workflowDefinitions(byte[] body) {
    JsonNode list = list(body);
    List<Flaw> flaws = new ArrayList<>();
    List<WorkflowDefinition> definitions = new ArrayList<>();
    if (list.isEmpty()) {
      flaws.add(Flaw.of("updateWorkflowDef.arg0", "WorkflowDef list cannot be empty"));
    }
    for (int i = 0; i < list.size(); i++) {
      definitions.add(
          WorkflowDefinition.read(
              Json.object(list.get(i), "a workflow definition"),
              "updateWorkflowDef.arg0[" + i + "]",
              flaws));
    }
    return checked(definitions, flaws);
  }

  static WorkflowDefinition workflowDefinition(byte[] body) {
    List<Flaw> flaws = new ArrayList<>();
    return checked(
        WorkflowDefinition.read(Json.readObject(body), "registerWorkflowDef.arg0", flaws), flaws);
  }

  /** The body that starts a workflow, whatever it runs. */
  static StartRequest start(byte[] body) {
    ObjectNode given = Json.readObject(body);
    Fields fields = new Fields(given);
    List<Flaw> flaws = new ArrayList<>();
    String name = fields.text("name");
    if (name.isBlank()) {
      flaws.add(Flaw.of("startWorkflow.arg0.name", "Workflow name cannot be null or empty"));
    }
    int priority = fields.integer("priority", 0);
    checkPriority("startWorkflow.arg0.priority", priority, flaws);
    if (!fields.text("externalInputPayloadStoragePath").isEmpty()) {
      flaws.add(
          Flaw.of(
              "startWorkflow.arg0.externalInputPayloadStoragePath",
              "this server has no external storage: expected the input itself"));
    }
    JsonNode inline = given.path("workflowDef");
    WorkflowDefinition definition =
        inline.isMissingNode() || inline.isNull()
            ? null
            : WorkflowDefinition.read(
                Json.object(inline, "workflowDef"), "startWorkflow.arg0.workflowDef", flaws);
    StartRequest request =
        new StartRequest(
            definition == null ? name : definition.name(),
            given.hasNonNull("version") ? fields.integer("version", 0) : null,
            definition,
            fields.object("input"),
            fields.textOrNull("correlationId"),
            priority,
            domains(fields),
            blankToNull(fields.textOrNull("idempotencyKey")),
            fields.constant(
                "idempotencyStrategy",
                StartRequest.OnConflict.class,
                StartRequest.OnConflict.FAIL));
    return checked(request, flaws);
  }

  /** The request that starts a registered workflow, its body being the input. */
  static StartRequest start(String name, Request request) {
    int priority = request.integer("priority", 0);
    List<Flaw> flaws = new ArrayList<>();
    checkPriority("startWorkflow.arg3", priority, flaws);
    ObjectNode conflict = Json.object().put("X-on-conflict", request.header("X-on-conflict"));
    return checked(
        new StartRequest(
            name,
            request.integer("version"),
            null,
            Json.text(Json.readObject(request.body())),
            request.parameter("correlationId"),
            priority,
            Map.of(),
            blankToNull(request.header("X-Idempotency-key")),
            new Fields(conflict)
                .constant(
                    "X-on-conflict", StartRequest.OnConflict.class, StartRequest.OnConflict.FAIL)),
        flaws);
  }

  static TaskResult taskResult(byte[] body) {
    ObjectNode given = Json.readObject(body);
    Fields fields = new Fields(given);
    TaskResult.Status status = fields.constantOrNull("status", TaskResult.Status.class);
    String taskId = fields.text("taskId");
    String workflowId = fields.text("workflowInstanceId");
    List<Flaw> flaws = new ArrayList<>();
    if (taskId.isEmpty()) {
      flaws.add(Flaw.of("updateTask.arg0.taskId", "Task ID cannot be null or empty"));
    }
    if (workflowId.isEmpty()) {
      flaws.add(
          Flaw.of("updateTask.arg0.workflowInstanceId", "Workflow Id cannot be null or empty"));
    }
    if (!flaws.isEmpty()) {
      throw Refusal.invalid(flaws);
    }
    boolean extendLease = fields.flag("extendLease");
    if (status == null && !extendLease) {
      throw Refusal.unreadable(
          "status is null: expected one of " + List.of(TaskResult.Status.values()));
    }
    return new TaskResult(
        workflowId,
        taskId,
        status == null ? TaskResult.Status.IN_PROGRESS : status,
        fields.object("outputData"),
        fields.textOrNull("reasonForIncompletion"),
        fields.integer("callbackAfterSeconds", 0),
        fields.textOrNull("workerId"),
        lines(given.path("logs")),
        extendLease);
  }

  private static List<LogLine> lines(JsonNode logs) {
    List<LogLine> lines = new ArrayList<>();
    for (JsonNode log : logs) {
      Fields line = new Fields(Json.object(log, "a log"));
      lines.add(new LogLine(line.text("log"), line.number("createdTime", 0)));
    }
    return lines;
  }

  private static Map<String, String> domains(Fields fields) {
    ObjectNode given = Json.object(fields.object("taskToDomain"));
    Map<String, String> domains = new TreeMap<>();
    for (String type : given.propertyNames()) {
      String domain = new Fields(given).textOrNull(type);
      if (domain != null) {
        domains.put(type, domain);
      }
    }
    return domains;
  }

  private static JsonNode list(byte[] body) {
    JsonNode list = Json.read(body);
    if (!list.isArray()) {
      throw Refusal.unreadable(
          "JSON parse error: the body is " + Json.kind(list) + ": expected an array");
    }
    return list;
  }

  private static void checkPriority(String path, int priority, List<Flaw> flaws) {
    if (priority < 0 || priority > MAX_PRIORITY) {
      flaws.add(
          new Flaw(
              path,
              "priority: " + priority + " should be from 0 to " + MAX_PRIORITY,
              Integer.toString(priority)));
    }
  }

  private static @Nullable String blankToNull(@Nullable String text) {
    return text == null || text.isBlank() ? null : text;
  }

  private static <T> T checked(T value, List<Flaw> flaws) {
    if (!flaws.isEmpty()) {
      throw Refusal.invalid(flaws);
    }
    return value;
  }
}
