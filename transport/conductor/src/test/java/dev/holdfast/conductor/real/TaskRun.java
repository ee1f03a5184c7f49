package dev.holdfast.conductor.real;

import java.util.Map;

/**
 * A task as the server tells it; absent texts are empty.
 *
 * @param retry 0 for the first run of a step; a retry has another id
 * @param polls how often it was handed out
 */
public record TaskRun(
    String id,
    String workflowId,
    String type,
    String reference,
    String status,
    int retry,
    int polls,
    String workerId,
    Map<String, ?> input,
    Map<String, ?> output,
    String reason) {

  /** {@return whether its status is final} */
  public boolean ended() {
    return !status.equals("SCHEDULED") && !status.equals("IN_PROGRESS");
  }

  static TaskRun of(Map<String, ?> json) {
    return new TaskRun(
        Json.text(json, "taskId"),
        Json.text(json, "workflowInstanceId"),
        Json.text(json, "taskType"),
        Json.text(json, "referenceTaskName"),
        Json.text(json, "status"),
        Json.number(json, "retryCount"),
        Json.number(json, "pollCount"),
        Json.text(json, "workerId"),
        Json.object(json.get("inputData")),
        Json.object(json.get("outputData")),
        Json.text(json, "reasonForIncompletion"));
  }
}
