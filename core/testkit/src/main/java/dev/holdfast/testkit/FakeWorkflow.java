package dev.holdfast.testkit;

import dev.holdfast.client.TaskStatus;
import java.util.ArrayList;
import java.util.List;

/** A workflow of one step: its task, the tasks that retried it, and what happened to them. */
final class FakeWorkflow {

  final String id;
  final List<FakeTask> tasks = new ArrayList<>();
  final List<FakeRun> runs = new ArrayList<>();
  private final List<String> story = new ArrayList<>();

  FakeWorkflow(String id) {
    this.id = id;
  }

  FakeTask current() {
    return tasks.get(tasks.size() - 1);
  }

  boolean hasEnded() {
    return current().status.isTerminal();
  }

  boolean completed() {
    return current().status == TaskStatus.COMPLETED;
  }

  void tell(long nanos, String what) {
    story.add("\n    " + nanos / 1_000_000 + " ms: " + what);
  }

  /** What happened, a line each, for the message of an assertion. */
  String story() {
    return "\n  the story of " + id + ":" + String.join("", story);
  }
}
