package dev.holdfast.client;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one poll asks for. A poll leases what it brings.
 *
 * @param taskType the task type
 * @param workerId the id under which the server keeps the lease
 * @param domain the domain, or null for none
 * @param count how many tasks at most, 1 or more
 * @param longPoll how long the server may wait for that many before it answers with fewer; at most
 *     5 s, the limit of Conductor's API
 */
public record PollRequest(
    String taskType, String workerId, @Nullable String domain, int count, Duration longPoll) {

  /** The longest wait that a server accepts. */
  public static final Duration MAX_WAIT = Duration.ofSeconds(5);

  /** Checks the parts. {@inheritDoc} */
  public PollRequest {
    Objects.requireNonNull(taskType, "taskType");
    Objects.requireNonNull(workerId, "workerId");
    if (count < 1) {
      throw new IllegalArgumentException("count is " + count + ": expected 1 or more");
    }
    if (longPoll.isNegative() || longPoll.compareTo(MAX_WAIT) > 0) {
      throw new IllegalArgumentException("longPoll is " + longPoll + ": expected 0 to " + MAX_WAIT);
    }
  }
}
