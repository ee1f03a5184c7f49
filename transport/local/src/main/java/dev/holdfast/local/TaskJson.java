package dev.holdfast.local;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.node.ObjectNode;

/** Tasks as Conductor writes them. */
final class TaskJson {

  private TaskJson() {}

  static void write(JsonGenerator to, Workflow.Plan plan, LocalTask task) {
    LocalTask.Scheduled scheduled = task.scheduled();
    WorkflowDefinition workflow = plan.definition();
    to.writeStartObject();
    to.writeStringProperty("taskType", workflow.taskType());
    to.writeStringProperty("status", task.status().name());
    Json.raw(to, "inputData", scheduled.input());
    to.writeStringProperty("referenceTaskName", workflow.reference());
    to.writeNumberProperty("retryCount", scheduled.retryCount());
    to.writeNumberProperty("seq", scheduled.seq());
    optional(to, "correlationId", plan.correlationId());
    to.writeNumberProperty("pollCount", task.pollCount());
    to.writeStringProperty("taskDefName", workflow.taskType());
    to.writeNumberProperty("scheduledTime", scheduled.time());
    to.writeNumberProperty("startTime", task.startTime());
    to.writeNumberProperty("endTime", task.endTime());
    to.writeNumberProperty("updateTime", task.updateTime());
    to.writeNumberProperty("startDelayInSeconds", scheduled.startDelaySeconds());
    optional(to, "retriedTaskId", scheduled.retriedTaskId());
    to.writeBooleanProperty("retried", task.retried());
    to.writeBooleanProperty("executed", false);
    to.writeBooleanProperty("callbackFromWorker", true);
    to.writeNumberProperty(
        "responseTimeoutSeconds", plan.taskDefinition().responseTimeoutSeconds());
    to.writeStringProperty("workflowInstanceId", plan.id());
    to.writeStringProperty("workflowType", plan.name());
    to.writeStringProperty("taskId", task.id());
    optional(to, "reasonForIncompletion", task.reason());
    to.writeNumberProperty("callbackAfterSeconds", task.callbackAfterSeconds());
    optional(to, "workerId", task.workerId());
    Json.raw(to, "outputData", task.output());
    Json.raw(to, "workflowTask", step(plan));
    optional(to, "domain", plan.domain());
    to.writeNumberProperty("rateLimitPerFrequency", 0);
    to.writeNumberProperty("rateLimitFrequencyInSeconds", 1);
    to.writeNumberProperty("workflowPriority", plan.priority());
    to.writeNumberProperty("iteration", 0);
    to.writeBooleanProperty("subworkflowChanged", false);
    to.writeNumberProperty("firstStartTime", 0);
    to.writeNumberProperty("queueWaitTime", queueWait(task));
    to.writeBooleanProperty("loopOverTask", false);
    to.writeEndObject();
  }

  /** The step of the definition, with the definition of its task. */
  static String step(Workflow.Plan plan) {
    String step = plan.definition().step();
    String head = step.substring(0, step.length() - 1);
    return head + ",\"taskDefinition\":" + plan.taskDefinition().json() + "}";
  }

  static ObjectNode withTaskDefinition(Workflow.Plan plan) {
    ObjectNode workflow = Json.object(plan.definition().json());
    workflow.putArray("tasks").add(Json.object(step(plan)));
    return workflow;
  }

  static void optional(JsonGenerator to, String name, @Nullable String value) {
    if (value != null) {
      to.writeStringProperty(name, value);
    }
  }

  private static long queueWait(LocalTask task) {
    long ready = task.scheduled().time() + 1000L * task.scheduled().startDelaySeconds();
    return task.startTime() == 0 ? 0 : Math.max(0, task.startTime() - ready);
  }
}
