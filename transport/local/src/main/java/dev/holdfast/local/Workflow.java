package dev.holdfast.local;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A workflow as it stands. Times are milliseconds since the epoch, 0 for not yet.
 *
 * @param tasks the ids of its tasks, in the order of scheduling
 */
record Workflow(
    Plan plan,
    WorkflowStatus status,
    @Nullable String reason,
    String output,
    long updateTime,
    long endTime,
    List<String> tasks,
    boolean hasFailedTask) {

  /** What is settled when it starts. */
  record Plan(
      String id,
      String name,
      WorkflowDefinition definition,
      TaskDefinition taskDefinition,
      String input,
      @Nullable String correlationId,
      int priority,
      String taskToDomain,
      @Nullable String domain,
      @Nullable String idempotencyKey,
      long createTime) {

    QueueKey queue() {
      return new QueueKey(definition.taskType(), domain);
    }

    int retryCount() {
      Integer own = definition.retryCount();
      return own == null ? taskDefinition.retryCount() : own;
    }
  }

  static Workflow started(Plan plan) {
    return new Workflow(
        plan, WorkflowStatus.RUNNING, null, "{}", plan.createTime(), 0, List.of(), false);
  }

  String id() {
    return plan.id();
  }

  /** With one more task; a new one is the last, and the workflow changes with it. */
  Workflow with(int index, LocalTask task) {
    boolean isNew = index == tasks.size() && !status.isTerminal();
    List<String> more = new ArrayList<>(tasks);
    more.add(index, task.id());
    return new Workflow(
        plan,
        status,
        reason,
        output,
        isNew ? task.scheduled().time() : updateTime,
        endTime,
        List.copyOf(more),
        hasFailedTask || task.status().isFailure());
  }

  Workflow withFailedTask() {
    return hasFailedTask
        ? this
        : new Workflow(plan, status, reason, output, updateTime, endTime, tasks, true);
  }

  Workflow ended(WorkflowStatus as, @Nullable String why, String result, long at) {
    return new Workflow(plan, as, why, result, at, at, tasks, hasFailedTask);
  }
}
