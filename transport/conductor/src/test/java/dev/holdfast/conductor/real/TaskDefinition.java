package dev.holdfast.conductor.real;

import java.time.Duration;
import java.util.Map;

/**
 * What the server knows about a task type.
 *
 * @param retries how often the server schedules a failed task again, at once
 * @param timeout the hard limit from the first poll on
 * @param responseTimeout how long a lease lasts
 */
public record TaskDefinition(String type, int retries, Duration timeout, Duration responseTimeout) {

  /** {@return a type without retries, with a limit of five minutes and a lease of one} */
  public static TaskDefinition of(String type) {
    return new TaskDefinition(type, 0, Duration.ofMinutes(5), Duration.ofMinutes(1));
  }

  /** {@return this definition with that many retries} */
  public TaskDefinition retries(int count) {
    return new TaskDefinition(type, count, timeout, responseTimeout);
  }

  /** {@return this definition with that hard limit, in whole seconds} */
  public TaskDefinition timeout(Duration limit) {
    return new TaskDefinition(type, retries, limit, responseTimeout);
  }

  /** {@return this definition with that lease, in whole seconds} */
  public TaskDefinition responseTimeout(Duration lease) {
    return new TaskDefinition(type, retries, timeout, lease);
  }

  Map<String, Object> json() {
    return Map.of(
        "name",
        type,
        "ownerEmail",
        "tests@holdfast.dev",
        "retryCount",
        retries,
        "retryDelaySeconds",
        0,
        "timeoutSeconds",
        timeout.toSeconds(),
        "timeoutPolicy",
        "TIME_OUT_WF",
        "responseTimeoutSeconds",
        responseTimeout.toSeconds());
  }
}
