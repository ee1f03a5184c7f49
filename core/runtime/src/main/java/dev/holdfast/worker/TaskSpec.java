package dev.holdfast.worker;

import dev.holdfast.task.TaskHandler;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One task type of a worker: its handler and options. Immutable and reusable as a template; each
 * wither copies.
 */
public final class TaskSpec {

  static final Duration DEFAULT_TIMEOUT = Duration.ofHours(1);

  private final Options options;

  private TaskSpec(Options options) {
    this.options = options;
  }

  /**
   * A task type with the default options.
   *
   * @param type the task type, as the server names it
   * @param handler does the work
   * @return the spec
   */
  public static TaskSpec of(String type, TaskHandler handler) {
    return new TaskSpec(new Options(type, handler, null, DEFAULT_TIMEOUT, null, true));
  }

  /**
   * Bounds how many tasks of this type run at once.
   *
   * @param slots 1 or more; unset, only the worker's own cap holds
   * @return a copy
   */
  public TaskSpec slots(int slots) {
    return new TaskSpec(
        new Options(
            options.type,
            options.handler,
            slots,
            options.timeout,
            options.domain,
            options.cancelsOnLeaseLoss));
  }

  /**
   * Sets the handler's deadline, counted from the poll's receipt. Where the server has a hard limit
   * for the task, the smaller of the two holds.
   *
   * @param timeout more than zero; unset, 1 hour
   * @return a copy
   */
  public TaskSpec timeout(Duration timeout) {
    return new TaskSpec(
        new Options(
            options.type,
            options.handler,
            options.slots,
            timeout,
            options.domain,
            options.cancelsOnLeaseLoss));
  }

  /**
   * Sets the domain to poll from.
   *
   * @param domain the domain, not blank; unset, none
   * @return a copy
   */
  public TaskSpec domain(String domain) {
    return new TaskSpec(
        new Options(
            options.type,
            options.handler,
            options.slots,
            options.timeout,
            Objects.requireNonNull(domain, "domain"),
            options.cancelsOnLeaseLoss));
  }

  /**
   * Sets whether a handler is cancelled when the lease of its task may have lapsed. One that goes
   * on may work beside another that was given the task; its result is sent only if the task turns
   * out to be its own still.
   *
   * @param cancels default: true
   * @return a copy
   */
  public TaskSpec cancelsOnLeaseLoss(boolean cancels) {
    return new TaskSpec(
        new Options(
            options.type,
            options.handler,
            options.slots,
            options.timeout,
            options.domain,
            cancels));
  }

  String type() {
    return options.type;
  }

  TaskHandler handler() {
    return options.handler;
  }

  /** The bound of this type's own, or the worker's cap. */
  int slotsWithin(int cap) {
    return options.slots == null ? cap : Math.min(options.slots, cap);
  }

  Duration timeout() {
    return options.timeout;
  }

  @Nullable String domain() {
    return options.domain;
  }

  boolean cancelsOnLeaseLoss() {
    return options.cancelsOnLeaseLoss;
  }

  @Override
  public String toString() {
    return options.type + (options.domain == null ? "" : "@" + options.domain);
  }

  private record Options(
      String type,
      TaskHandler handler,
      @Nullable Integer slots,
      Duration timeout,
      @Nullable String domain,
      boolean cancelsOnLeaseLoss) {
    Options {
      Objects.requireNonNull(handler, "handler");
      if (type.isBlank()) {
        throw new IllegalArgumentException("task type is blank: expected a name");
      }
      if (slots != null && slots < 1) {
        throw new IllegalArgumentException(
            "slots of " + type + " is " + slots + ": expected 1 or more");
      }
      if (timeout.isZero() || timeout.isNegative()) {
        throw new IllegalArgumentException(
            "timeout of " + type + " is " + timeout + ": expected more than zero");
      }
      if (domain != null && domain.isBlank()) {
        throw new IllegalArgumentException("domain of " + type + " is blank: expected a name");
      }
    }
  }
}
