package dev.holdfast.testkit;

import dev.holdfast.task.Attempt;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The runs of observed handlers. Guarded by the {@link TaskBoard}. */
final class RunBook {

  final List<FakeRun> runs = new ArrayList<>();

  /** What {@link Invariants} has to say of runs, found as they begin. */
  final List<String> collisions = new ArrayList<>();

  private final TaskBoard board;

  RunBook(TaskBoard board) {
    this.board = board;
  }

  /** Books a run; null if the task is not of this server. */
  @Nullable FakeRun begin(Attempt attempt) {
    synchronized (board) {
      FakeTask task = board.find(attempt.taskId());
      if (task == null) {
        return null;
      }
      FakeRun run = new FakeRun(task, attempt.pollCount(), board.nanos());
      board.tell(task, run.name() + " starts to run");
      for (FakeRun other : task.workflow.runs) {
        if (other.isRunning()) {
          collisions.add(run.name() + " ran while " + other.name() + " was running" + end(run));
        } else if (other.task == task && other.pollCount == run.pollCount) {
          collisions.add(run.name() + " ran twice" + end(run));
        }
      }
      task.workflow.runs.add(run);
      runs.add(run);
      return run;
    }
  }

  private static String end(FakeRun run) {
    return run.task.workflow.story();
  }

  void end(@Nullable FakeRun run, RunRecord.Ending ending) {
    if (run == null) {
      return;
    }
    synchronized (board) {
      if (run.isRunning()) {
        run.ending = ending;
        run.endNanos = board.nanos();
        board.tell(run.task, run.name() + " ends its run " + ending);
        board.runEnded(run);
      }
    }
  }
}
