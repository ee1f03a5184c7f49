package dev.holdfast.testkit;

/** One run of an observed handler. Guarded by the {@link TaskBoard}. */
final class FakeRun {

  final FakeTask task;
  final int pollCount;
  final long beginNanos;

  long endNanos = -1;
  RunRecord.Ending ending = RunRecord.Ending.RUNNING;

  FakeRun(FakeTask task, int pollCount, long beginNanos) {
    this.task = task;
    this.pollCount = pollCount;
    this.beginNanos = beginNanos;
  }

  boolean isRunning() {
    return ending == RunRecord.Ending.RUNNING;
  }

  String name() {
    return task.id + "#" + pollCount;
  }

  RunRecord snapshot() {
    return new RunRecord(
        task.id,
        task.workflow.id,
        pollCount,
        beginNanos / 1_000_000,
        endNanos < 0 ? -1 : endNanos / 1_000_000,
        ending);
  }
}
