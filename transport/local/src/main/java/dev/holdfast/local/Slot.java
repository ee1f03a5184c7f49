package dev.holdfast.local;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the board keeps of a task: how it stands, since when, its queue's order and its lines. */
final class Slot {

  /** How many log lines are kept of a task, the latest. */
  static final int MAX_LINES = 1_000;

  static final int MAX_LINE_CHARS = 1 << 20;

  private static final int CHARS_OF_CHANGE = 1_024;

  static final Comparator<Slot> TURN =
      Comparator.<Slot>comparingInt(slot -> -slot.plan.priority())
          .thenComparingLong(slot -> slot.task.place());

  final Workflow.Plan plan;
  LocalTask task;

  /** Since when it waits or is leased, in milliseconds since the epoch. */
  long since;

  /** The same by the engine's clock, and when the first lease began. */
  long sinceNanos;

  long startTime;
  long startedNanos;

  /** Whether it is in its queue, and whether it may be polled. */
  boolean isQueued;

  boolean isReady;

  /** How much the journal keeps of it: each change counts one, and one more by 1,024 characters. */
  int history;

  @Nullable Due due;

  private final Deque<LogLine> lines = new ArrayDeque<>();
  private long lineChars;

  Slot(Workflow.Plan plan, LocalTask task) {
    this.plan = plan;
    this.task = task;
  }

  void add(LogLine line) {
    lines.add(line);
    lineChars += line.log().length();
    while (lines.size() > MAX_LINES || (lineChars > MAX_LINE_CHARS && lines.size() > 1)) {
      lineChars -= lines.remove().log().length();
    }
  }

  /** Notes a change that the journal keeps beside the others. */
  void grow(long chars) {
    history += (int) (1 + chars / CHARS_OF_CHANGE);
  }

  List<LogLine> lines() {
    return List.copyOf(lines);
  }

  /** In how long something is to be done about it; the largest number for never. */
  long dueIn(Now now) {
    return due == null ? Long.MAX_VALUE : due.nanos() - now.nanos();
  }

  /** When it may be polled. */
  long readyNanos() {
    return sinceNanos + TimeUnit.SECONDS.toNanos(task.callbackAfterSeconds());
  }

  /** When something is to be done about it by itself; the largest number for never. */
  long dueNanos() {
    return switch (task.status()) {
      case SCHEDULED ->
          Math.min(isReady ? Long.MAX_VALUE : readyNanos(), Math.min(hardNanos(), pollNanos()));
      case IN_PROGRESS -> Math.min(leaseNanos(), hardNanos());
      default -> Long.MAX_VALUE;
    };
  }

  /** When its lease lapses. */
  long leaseNanos() {
    return Due.after(sinceNanos, plan.taskDefinition().responseTimeoutSeconds());
  }

  /** When its hard limit passes, however often it was handed out. */
  long hardNanos() {
    boolean counts =
        task.startTime() > 0
            && plan.taskDefinition().timeoutPolicy() != TaskDefinition.TimeoutPolicy.ALERT_ONLY;
    return counts
        ? Due.after(startedNanos, plan.taskDefinition().timeoutSeconds())
        : Long.MAX_VALUE;
  }

  /** When it has waited too long to be polled. */
  long pollNanos() {
    boolean counts =
        plan.taskDefinition().timeoutPolicy() != TaskDefinition.TimeoutPolicy.ALERT_ONLY;
    return counts
        ? Due.after(readyNanos(), plan.taskDefinition().pollTimeoutSeconds())
        : Long.MAX_VALUE;
  }
}
