package dev.holdfast.conductor.real;

import java.util.List;
import java.util.Map;

/**
 * A workflow as the server tells it.
 *
 * @param status RUNNING, COMPLETED, FAILED, TIMED_OUT, TERMINATED or PAUSED
 * @param reason why it did not complete, or empty
 * @param tasks every task that was scheduled, retries too, in that order
 */
public record WorkflowRun(String id, String status, String reason, List<TaskRun> tasks) {

  /** {@return whether nothing more happens in it} */
  public boolean ended() {
    return !status.equals("RUNNING") && !status.equals("PAUSED");
  }

  static WorkflowRun of(Map<String, ?> json) {
    return new WorkflowRun(
        Json.text(json, "workflowId"),
        Json.text(json, "status"),
        Json.text(json, "reasonForIncompletion"),
        Json.objects(json.get("tasks")).stream().map(TaskRun::of).toList());
  }
}
