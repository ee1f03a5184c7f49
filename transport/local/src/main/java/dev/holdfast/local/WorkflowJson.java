package dev.holdfast.local;

import tools.jackson.core.JsonGenerator;

/** Workflows as Conductor writes them. */
final class WorkflowJson {

  private WorkflowJson() {}

  static void write(JsonGenerator to, WorkflowView view, boolean withTasks) {
    Workflow workflow = view.workflow();
    Workflow.Plan plan = workflow.plan();
    to.writeStartObject();
    to.writeStringProperty("ownerApp", "");
    to.writeNumberProperty("createTime", plan.createTime());
    to.writeNumberProperty("updateTime", workflow.updateTime());
    to.writeStringProperty("status", workflow.status().name());
    to.writeNumberProperty("endTime", workflow.endTime());
    to.writeStringProperty("workflowId", plan.id());
    to.writeArrayPropertyStart("tasks");
    if (withTasks) {
      view.tasks().forEach(task -> TaskJson.write(to, plan, task));
    }
    to.writeEndArray();
    Json.raw(to, "input", plan.input());
    Json.raw(to, "output", workflow.output());
    TaskJson.optional(to, "correlationId", plan.correlationId());
    TaskJson.optional(to, "idempotencyKey", plan.idempotencyKey());
    TaskJson.optional(to, "reasonForIncompletion", workflow.reason());
    Json.raw(to, "taskToDomain", plan.taskToDomain());
    failed(to, "failedReferenceTaskNames", workflow, plan.definition().reference());
    Json.raw(to, "workflowDefinition", Json.text(TaskJson.withTaskDefinition(plan)));
    to.writeNumberProperty("priority", plan.priority());
    Json.raw(to, "variables", "{}");
    to.writeNumberProperty("lastRetriedTime", 0);
    failed(to, "failedTaskNames", workflow, plan.definition().taskType());
    Json.raw(to, "history", "[]");
    to.writeBooleanProperty("rateLimited", false);
    to.writeNumberProperty("startTime", plan.createTime());
    to.writeNumberProperty("workflowVersion", plan.definition().version());
    to.writeStringProperty("workflowName", plan.name());
    to.writeEndObject();
  }

  private static void failed(JsonGenerator to, String name, Workflow workflow, String task) {
    to.writeArrayPropertyStart(name);
    if (workflow.status().isTerminal() && workflow.hasFailedTask()) {
      to.writeString(task);
    }
    to.writeEndArray();
  }
}
