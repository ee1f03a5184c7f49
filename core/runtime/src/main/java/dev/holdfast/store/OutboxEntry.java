package dev.holdfast.store;

import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Attempt;
import java.util.Objects;

/**
 * A finished result that waits for the server's answer.
 *
 * @param attempt the attempt it belongs to
 * @param update what to send
 */
public record OutboxEntry(Attempt attempt, TaskUpdate update) {
  /** Checks the parts. {@inheritDoc} */
  public OutboxEntry {
    Objects.requireNonNull(attempt, "attempt");
    Objects.requireNonNull(update, "update");
  }
}
