package dev.holdfast.task;

import java.util.Objects;

/**
 * One lease of a task. A task that is released, called back or handed out again comes with the same
 * id and a higher poll count, so the attempt, not the task, is the unit of tape, outbox and final
 * event.
 *
 * @param region the name of the server that leased the task; results go back to it and to no other
 * @param taskId the server's id of the task
 * @param pollCount how often the server had handed the task out when it was leased, 0 if it did not
 *     say
 */
public record Attempt(String region, String taskId, int pollCount) {

  /** Checks the parts. {@inheritDoc} */
  public Attempt {
    Objects.requireNonNull(region, "region");
    if (taskId.isBlank()) {
      throw new IllegalArgumentException("taskId is blank: expected the server's id of a task");
    }
    if (pollCount < 0) {
      throw new IllegalArgumentException("pollCount is " + pollCount + ": expected 0 or more");
    }
  }

  @Override
  public String toString() {
    return taskId + "#" + pollCount + "@" + region;
  }
}
