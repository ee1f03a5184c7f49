package dev.holdfast.testkit;

import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.task.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;

/** A task at the fake server. Guarded by the {@link TaskBoard}. */
final class FakeTask {

  final String id;
  final FakeWorkflow workflow;
  final QueueKey queue;
  final Payload input;
  final int retryCount;
  final long scheduledMillis;
  final List<String> logs = new ArrayList<>();
  final List<FakeLease> leases = new ArrayList<>();
  final List<FakeUpdate> updates = new ArrayList<>();
  final Disposable.Swap hardTimer = Disposables.swap();

  TaskStatus status = TaskStatus.SCHEDULED;
  Payload output = Payload.empty();
  @Nullable String reason;
  @Nullable String workerId;
  int pollCount;
  long startMillis;
  long updateMillis;
  Duration callbackAfter = Duration.ZERO;

  /** The lease that lives, or null. */
  @Nullable FakeLease lease;

  /** Whether it ended by an update, and not by a timeout or with its workflow. */
  boolean answered;

  /** Whether it is in its queue; if so, since when it may be handed out, and its place. */
  boolean queued;

  long readyNanos;
  long place;

  /** Whether a waiting poll has taken it from the queue and not answered yet. */
  boolean reserved;

  FakeTask(
      String id,
      FakeWorkflow workflow,
      QueueKey queue,
      Payload input,
      int retryCount,
      long scheduledMillis) {
    this.id = id;
    this.workflow = workflow;
    this.queue = queue;
    this.input = input;
    this.retryCount = retryCount;
    this.scheduledMillis = scheduledMillis;
    this.updateMillis = scheduledMillis;
  }

  /** The attempt that a worker's call is of, as far as can be told: its latest lease. */
  int attemptOf(String worker) {
    for (int i = leases.size() - 1; i >= 0; i--) {
      if (leases.get(i).workerId.equals(worker)) {
        return leases.get(i).pollCount;
      }
    }
    return pollCount;
  }

  TaskState state() {
    return new TaskState(id, workflow.id, status, pollCount, workerId);
  }

  String name() {
    return id + "#" + pollCount;
  }
}
