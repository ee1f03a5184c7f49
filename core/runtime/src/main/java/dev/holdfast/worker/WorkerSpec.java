package dev.holdfast.worker;

import dev.holdfast.outage.OutageSpec;
import dev.holdfast.task.TaskHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * What a worker does and within which bounds. Immutable and reusable as a template; each wither
 * copies, and bad values are refused at once.
 */
public final class WorkerSpec {

  private static final Duration MAX_DRAIN = Duration.ofDays(1);

  private final Options options;

  private WorkerSpec(Options options) {
    this.options = options;
  }

  /**
   * A worker of one task type.
   *
   * @param taskType the task type, as the server names it
   * @param handler does the work
   * @return the spec
   */
  public static WorkerSpec of(String taskType, TaskHandler handler) {
    return of(TaskSpec.of(taskType, handler));
  }

  /**
   * A worker of several task types.
   *
   * @param tasks at least one; no two alike in type and domain
   * @return the spec
   */
  public static WorkerSpec of(TaskSpec... tasks) {
    return new WorkerSpec(
        new Options(
            List.of(tasks),
            10,
            "holdfast-" + UUID.randomUUID().toString().substring(0, 8),
            Duration.ofSeconds(25),
            10 << 20,
            true,
            OutageSpec.create(),
            null));
  }

  /**
   * Adds a task type.
   *
   * @param task its spec
   * @return a copy
   */
  public WorkerSpec and(TaskSpec task) {
    return with(draft -> draft.tasks.add(task));
  }

  /**
   * Bounds how many tasks run at once, over all types.
   *
   * @param slots 1 or more; default 10
   * @return a copy
   */
  public WorkerSpec slots(int slots) {
    return with(draft -> draft.slots = slots);
  }

  /**
   * Names the worker to the server. Leases are held under this name, so no two workers may share
   * it.
   *
   * @param workerId not blank; default: random
   * @return a copy
   */
  public WorkerSpec workerId(String workerId) {
    return with(draft -> draft.workerId = workerId);
  }

  /**
   * Bounds the whole drain. Handlers have four fifths of it to finish, then they are cancelled. A
   * poll may wait for 2 s: a drain shorter than that can strand what such a poll brings, until the
   * server's own timeout.
   *
   * @param drainTimeout more than zero, a day at most; default 25 s
   * @return a copy
   */
  public WorkerSpec drainTimeout(Duration drainTimeout) {
    return with(draft -> draft.drainTimeout = drainTimeout);
  }

  /**
   * Bounds the encoded output of a task. A larger one fails the task for good, saying so.
   *
   * @param maxOutputBytes 1 or more; default 10 MiB
   * @return a copy
   */
  public WorkerSpec maxOutputBytes(int maxOutputBytes) {
    return with(draft -> draft.maxOutputBytes = maxOutputBytes);
  }

  /**
   * Whether the update of a result may bring the next task of the same type, which saves a poll. It
   * does so only while the type has a backlog and no other type waits for the slot; a server that
   * lacks this call is noticed, and is sent results alone.
   *
   * @param takesNext default: true
   * @return a copy
   */
  public WorkerSpec takesNext(boolean takesNext) {
    return with(draft -> draft.takesNext = takesNext);
  }

  /**
   * Sets how outages of the server are borne.
   *
   * @param outage the worker sets its scheduler and its probes' bound itself; default: {@link
   *     OutageSpec#create()}, which never gives up
   * @return a copy
   */
  public WorkerSpec outage(OutageSpec outage) {
    return with(draft -> draft.outage = Objects.requireNonNull(outage, "outage"));
  }

  /**
   * Runs everything that the worker times or executes on one scheduler, which it does not dispose:
   * for virtual time in tests. Unset, each run has threads of its own.
   *
   * @param scheduler asked once per run
   * @return a copy
   */
  public WorkerSpec scheduler(Supplier<? extends Scheduler> scheduler) {
    return with(draft -> draft.scheduler = Objects.requireNonNull(scheduler, "scheduler"));
  }

  List<TaskSpec> tasks() {
    return options.tasks;
  }

  int slots() {
    return options.slots;
  }

  /** {@return the name under which leases are held} */
  public String workerId() {
    return options.workerId;
  }

  Duration drainTimeout() {
    return options.drainTimeout;
  }

  int maxOutputBytes() {
    return options.maxOutputBytes;
  }

  boolean takesNext() {
    return options.takesNext;
  }

  OutageSpec outage() {
    return options.outage;
  }

  @Nullable Supplier<? extends Scheduler> scheduler() {
    return options.scheduler;
  }

  private WorkerSpec with(Consumer<Draft> change) {
    Draft draft = new Draft(options);
    change.accept(draft);
    return new WorkerSpec(draft.freeze());
  }

  /** A copy of the options in the making. */
  private static final class Draft {
    final List<TaskSpec> tasks;
    int slots;
    String workerId;
    Duration drainTimeout;
    int maxOutputBytes;
    boolean takesNext;
    OutageSpec outage;
    @Nullable Supplier<? extends Scheduler> scheduler;

    Draft(Options from) {
      tasks = new ArrayList<>(from.tasks);
      slots = from.slots;
      workerId = from.workerId;
      drainTimeout = from.drainTimeout;
      maxOutputBytes = from.maxOutputBytes;
      takesNext = from.takesNext;
      outage = from.outage;
      scheduler = from.scheduler;
    }

    Options freeze() {
      return new Options(
          tasks, slots, workerId, drainTimeout, maxOutputBytes, takesNext, outage, scheduler);
    }
  }

  private record Options(
      List<TaskSpec> tasks,
      int slots,
      String workerId,
      Duration drainTimeout,
      int maxOutputBytes,
      boolean takesNext,
      OutageSpec outage,
      @Nullable Supplier<? extends Scheduler> scheduler) {
    Options {
      tasks = List.copyOf(tasks);
      if (tasks.isEmpty()) {
        throw new IllegalArgumentException("no task types: expected at least one");
      }
      Set<List<String>> seen = new HashSet<>();
      for (TaskSpec task : tasks) {
        if (!seen.add(List.of(task.type(), Objects.requireNonNullElse(task.domain(), "")))) {
          throw new IllegalArgumentException(
              "task type " + task + " is given twice: expected each type and domain once");
        }
      }
      if (slots < 1) {
        throw new IllegalArgumentException("slots is " + slots + ": expected 1 or more");
      }
      if (workerId.isBlank()) {
        throw new IllegalArgumentException("workerId is blank: expected a name");
      }
      if (drainTimeout.isZero()
          || drainTimeout.isNegative()
          || drainTimeout.compareTo(MAX_DRAIN) > 0) {
        throw new IllegalArgumentException(
            "drainTimeout is " + drainTimeout + ": expected more than zero, and a day at most");
      }
      if (maxOutputBytes < 1) {
        throw new IllegalArgumentException(
            "maxOutputBytes is " + maxOutputBytes + ": expected 1 or more");
      }
    }
  }
}
