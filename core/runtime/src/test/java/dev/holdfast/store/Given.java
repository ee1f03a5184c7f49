package dev.holdfast.store;

import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Attempt;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.Task;

/** Attempts and their results. */
final class Given {

  private Given() {}

  static Attempt attempt(String id) {
    return new Attempt("west", id, 1);
  }

  static TaskUpdate completed(String id) {
    return TaskUpdate.of(task(id), Outcome.completed(), "me");
  }

  static TaskUpdate failed(String id) {
    return TaskUpdate.of(task(id), Outcome.failed("no stock"), "me");
  }

  private static Task task(String id) {
    return Task.builder(id, "greet").workflowId("w1").pollCount(1).build();
  }
}
