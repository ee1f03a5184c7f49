package dev.holdfast.client;

import dev.holdfast.task.Task;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One element of a poll's answer. Each is a lease: one that can't be used must be failed. */
public sealed interface Polled {

  /**
   * A task to run.
   *
   * @param task the task
   */
  record Leased(Task task) implements Polled {
    /** Checks the parts. {@inheritDoc} */
    public Leased {
      Objects.requireNonNull(task, "task");
    }
  }

  /**
   * An element that can't be run: malformed, larger than the limit, or with its input elsewhere.
   *
   * @param task what could be read of it, with empty payloads; null if not even its id could, and
   *     then only the server's own timeout brings it back
   * @param reason one line for people, naming the limit or the fault
   */
  record Unusable(@Nullable Task task, String reason) implements Polled {
    /** Checks the parts. {@inheritDoc} */
    public Unusable {
      Objects.requireNonNull(reason, "reason");
    }
  }
}
