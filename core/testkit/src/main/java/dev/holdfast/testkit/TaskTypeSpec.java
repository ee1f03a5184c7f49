package dev.holdfast.testkit;

import java.time.Duration;

/** How the fake server treats the tasks of one type. Immutable; the withers copy. */
public final class TaskTypeSpec {

  private static final TaskTypeSpec DEFAULTS =
      new TaskTypeSpec(
          new Parts(Duration.ofHours(1), Duration.ZERO, 3, Duration.ZERO, Duration.ZERO));

  private record Parts(
      Duration responseTimeout,
      Duration hardTimeout,
      int retries,
      Duration retryDelay,
      Duration sweepDelay) {
    Parts {
      notNegative("responseTimeout", responseTimeout);
      notNegative("hardTimeout", hardTimeout);
      notNegative("retryDelay", retryDelay);
      notNegative("sweepDelay", sweepDelay);
      if (retries < 0) {
        throw new IllegalArgumentException("retries is " + retries + ": expected 0 or more");
      }
    }

    private static void notNegative(String name, Duration value) {
      if (value.isNegative()) {
        throw new IllegalArgumentException(name + " is " + value + ": expected zero or more");
      }
    }
  }

  private final Parts parts;

  private TaskTypeSpec(Parts parts) {
    this.parts = parts;
  }

  /**
   * What a type has unless it is defined otherwise.
   *
   * @return a response timeout of 1 h, no hard timeout, 3 retries without delay, and no sweep delay
   */
  public static TaskTypeSpec defaults() {
    return DEFAULTS;
  }

  /**
   * Sets how long a lease lives without an answer or an extension.
   *
   * @param timeout the timeout; zero for ever
   * @return a copy
   */
  public TaskTypeSpec withResponseTimeout(Duration timeout) {
    return new TaskTypeSpec(
        new Parts(timeout, parts.hardTimeout, parts.retries, parts.retryDelay, parts.sweepDelay));
  }

  /**
   * Sets how long a task may take from its first lease; no extension moves it.
   *
   * @param timeout the timeout; zero for ever
   * @return a copy
   */
  public TaskTypeSpec withHardTimeout(Duration timeout) {
    return new TaskTypeSpec(
        new Parts(
            parts.responseTimeout, timeout, parts.retries, parts.retryDelay, parts.sweepDelay));
  }

  /**
   * Sets how often a task that failed or timed out is tried again, as a new task.
   *
   * @param retries how often, 0 or more
   * @return a copy
   */
  public TaskTypeSpec withRetries(int retries) {
    return new TaskTypeSpec(
        new Parts(
            parts.responseTimeout, parts.hardTimeout, retries, parts.retryDelay, parts.sweepDelay));
  }

  /**
   * Sets how long such a new task waits before it can be polled.
   *
   * @param delay the delay; zero for none
   * @return a copy
   */
  public TaskTypeSpec withRetryDelay(Duration delay) {
    return new TaskTypeSpec(
        new Parts(
            parts.responseTimeout, parts.hardTimeout, parts.retries, delay, parts.sweepDelay));
  }

  /**
   * Sets how long after a response timeout the server notices it; until then the lease stands, as
   * on a server that looks from time to time.
   *
   * @param delay the delay; zero for at once
   * @return a copy
   */
  public TaskTypeSpec withSweepDelay(Duration delay) {
    return new TaskTypeSpec(
        new Parts(
            parts.responseTimeout, parts.hardTimeout, parts.retries, parts.retryDelay, delay));
  }

  /** {@return how long a lease lives without an answer or an extension; zero for ever} */
  public Duration responseTimeout() {
    return parts.responseTimeout;
  }

  /** {@return how long a task may take from its first lease; zero for ever} */
  public Duration hardTimeout() {
    return parts.hardTimeout;
  }

  /** {@return how often a task is tried again} */
  public int retries() {
    return parts.retries;
  }

  /** {@return how long a retry waits before it can be polled} */
  public Duration retryDelay() {
    return parts.retryDelay;
  }

  /** {@return how long after a response timeout the server notices it} */
  public Duration sweepDelay() {
    return parts.sweepDelay;
  }

  @Override
  public String toString() {
    return "TaskTypeSpec" + parts.toString().substring("Parts".length());
  }
}
