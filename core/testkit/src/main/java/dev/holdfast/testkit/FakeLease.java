package dev.holdfast.testkit;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;

/** One lease of a task. Guarded by the {@link TaskBoard}. */
final class FakeLease {

  final FakeTask task;
  final int pollCount;
  final String workerId;
  final String region;
  final TaskTypeSpec spec;
  final long beginNanos;
  final Disposable.Swap timer = Disposables.swap();

  long touchedNanos;
  long endNanos = -1;
  @Nullable String end;
  int deliveries;
  boolean runEnded;

  /** Whether an answer that was to bring it never arrived. */
  boolean stranded;

  FakeLease(FakeTask task, String workerId, String region, TaskTypeSpec spec, long nowNanos) {
    this.task = task;
    this.pollCount = task.pollCount;
    this.workerId = workerId;
    this.region = region;
    this.spec = spec;
    this.beginNanos = nowNanos;
    this.touchedNanos = nowNanos;
  }

  boolean isLast() {
    return task.leases.get(task.leases.size() - 1) == this;
  }

  boolean wasAnsweredFor() {
    return task.updates.stream().anyMatch(sent -> sent.pollCount == pollCount);
  }

  @Nullable FakeRun run() {
    for (FakeRun run : task.workflow.runs) {
      if (run.task == task && run.pollCount == pollCount) {
        return run;
      }
    }
    return null;
  }

  String name() {
    return task.id + "#" + pollCount;
  }

  LeaseRecord snapshot() {
    return new LeaseRecord(
        task.id,
        task.workflow.id,
        task.queue.taskType(),
        pollCount,
        workerId,
        region,
        beginNanos / 1_000_000,
        endNanos < 0 ? -1 : endNanos / 1_000_000,
        end,
        deliveries);
  }
}
