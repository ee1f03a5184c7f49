package dev.holdfast.testkit;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Payload;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * The tasks of the fake server, their queues, leases and timers. Its monitor guards all that the
 * server keeps; whoever reads a task holds it.
 */
final class TaskBoard {

  private static final Comparator<FakeTask> TURN =
      Comparator.<FakeTask>comparingLong(task -> task.readyNanos)
          .thenComparingLong(task -> task.place);

  final Map<String, FakeTask> tasks = new LinkedHashMap<>();
  final List<FakeWorkflow> workflows = new ArrayList<>();
  final List<FakeLease> leases = new ArrayList<>();
  final LeaseMeter leased = new LeaseMeter();
  final LeaseMeter unfinished = new LeaseMeter();

  /** Whether handlers are observed, so that a task without a run is known not to have run. */
  boolean observed;

  private final Scheduler scheduler;
  private final Map<String, TaskTypeSpec> specs = new HashMap<>();
  private final Map<QueueKey, NavigableSet<FakeTask>> queues = new HashMap<>();
  private final Map<QueueKey, Deque<Waiter>> waiters = new HashMap<>();
  private long places;

  TaskBoard(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  long nanos() {
    return scheduler.now(TimeUnit.NANOSECONDS);
  }

  Disposable after(Duration delay, Runnable action) {
    return scheduler.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  synchronized void define(String type, TaskTypeSpec spec) {
    specs.put(type, spec);
  }

  synchronized TaskTypeSpec spec(String type) {
    return specs.getOrDefault(type, TaskTypeSpec.defaults());
  }

  synchronized FakeTask submit(QueueKey queue, Payload input) {
    FakeWorkflow workflow = new FakeWorkflow("workflow-" + (workflows.size() + 1));
    workflows.add(workflow);
    return add(workflow, queue, input, 0, Duration.ZERO);
  }

  private FakeTask add(
      FakeWorkflow workflow, QueueKey queue, Payload input, int retryCount, Duration delay) {
    FakeTask task =
        new FakeTask(
            "task-" + (tasks.size() + 1), workflow, queue, input, retryCount, epochMillis());
    tasks.put(task.id, task);
    workflow.tasks.add(task);
    tell(task, task.id + " of " + queue.taskType() + " is scheduled");
    enqueue(task, delay);
    return task;
  }

  /** Takes tasks for a poll: at once those that are there, then as they come until it is full. */
  synchronized Waiter poll(
      PollRequest request, int extra, String region, Consumer<List<FakeLease>> to) {
    QueueKey queue = new QueueKey(request.taskType(), request.domain());
    Waiter waiter = new Waiter(queue, request.workerId(), region, request.count(), extra, to);
    waiters.computeIfAbsent(queue, key -> new ArrayDeque<>()).add(waiter);
    serve(queue);
    if (!waiter.done) {
      if (request.longPoll().isZero()) {
        finish(waiter);
      } else {
        waiter.timer.update(after(request.longPoll(), () -> finish(waiter)));
      }
    }
    return waiter;
  }

  private void serve(QueueKey queue) {
    NavigableSet<FakeTask> ready = queues.get(queue);
    Deque<Waiter> waiting = waiters.get(queue);
    if (ready == null || waiting == null) {
      return;
    }
    while (!waiting.isEmpty() && take(waiting.element(), ready)) {
      Waiter waiter = waiting.element();
      if (waiter.taken.size() == waiter.count) {
        finish(waiter);
      }
    }
  }

  private boolean take(Waiter waiter, NavigableSet<FakeTask> queue) {
    if (queue.isEmpty() || queue.first().readyNanos > nanos()) {
      return false;
    }
    FakeTask task = queue.first();
    dequeue(task);
    task.reserved = true;
    waiter.taken.add(task);
    return true;
  }

  private synchronized void finish(Waiter waiter) {
    if (!close(waiter)) {
      return;
    }
    NavigableSet<FakeTask> queue = queues.get(waiter.queue);
    for (int i = 0; queue != null && i < waiter.extra && take(waiter, queue); i++) {}
    List<FakeLease> granted = new ArrayList<>();
    for (FakeTask task : waiter.taken) {
      task.reserved = false;
      if (!task.status.isTerminal()) {
        granted.add(grant(task, waiter.workerId, waiter.region));
      }
    }
    waiter.to.accept(granted);
  }

  /** Ends a poll that nobody can answer any more; what it had taken goes back. */
  synchronized void abandon(Waiter waiter) {
    if (close(waiter)) {
      for (FakeTask task : waiter.taken) {
        task.reserved = false;
        if (!task.status.isTerminal()) {
          enqueue(task, Duration.ZERO);
        }
      }
    }
  }

  private boolean close(Waiter waiter) {
    if (waiter.done) {
      return false;
    }
    waiter.done = true;
    waiter.timer.dispose();
    Deque<Waiter> waiting = waiters.get(waiter.queue);
    if (waiting != null) {
      waiting.remove(waiter);
    }
    return true;
  }

  private FakeLease grant(FakeTask task, String workerId, String region) {
    task.status = TaskStatus.IN_PROGRESS;
    task.pollCount++;
    task.workerId = workerId;
    task.updateMillis = epochMillis();
    TaskTypeSpec spec = spec(task.queue.taskType());
    FakeLease lease = new FakeLease(task, workerId, region, spec, nanos());
    task.lease = lease;
    task.leases.add(lease);
    leases.add(lease);
    leased.up(task.queue.taskType());
    unfinished.up(task.queue.taskType());
    tell(task, task.name() + " is leased to " + workerId);
    if (task.startMillis == 0) {
      task.startMillis = epochMillis();
      if (!spec.hardTimeout().isZero()) {
        task.hardTimer.update(after(spec.hardTimeout(), () -> timeOut(task, "its hard timeout")));
      }
    }
    if (!spec.responseTimeout().isZero()) {
      long noticed = spec.responseTimeout().plus(spec.sweepDelay()).toNanos();
      watch(lease, noticed, noticed);
    }
    return lease;
  }

  private void watch(FakeLease lease, long timeoutNanos, long leftNanos) {
    lease.timer.update(
        after(
            Duration.ofNanos(leftNanos),
            () -> {
              synchronized (this) {
                long left = lease.touchedNanos + timeoutNanos - nanos();
                if (lease.task.lease != lease) {
                  return;
                }
                if (left > 0) {
                  watch(lease, timeoutNanos, left);
                } else {
                  timeOut(lease.task, "its lease of " + lease.spec.responseTimeout());
                }
              }
            }));
  }

  private synchronized void timeOut(FakeTask task, String what) {
    if (task.status.isTerminal()) {
      return;
    }
    tell(task, task.name() + " times out: " + what + " has passed");
    end(task, TaskStatus.TIMED_OUT, what + " passed");
    retry(task);
  }

  private void retry(FakeTask task) {
    TaskTypeSpec spec = spec(task.queue.taskType());
    if (task.retryCount < spec.retries()) {
      add(task.workflow, task.queue, task.input, task.retryCount + 1, spec.retryDelay());
    }
  }

  /** Carries an update out. */
  synchronized UpdateRecord.Effect apply(FakeUpdate sent) {
    FakeTask task = sent.task;
    TaskUpdate update = sent.update;
    if (task == null) {
      return UpdateRecord.Effect.REJECTED;
    }
    if (task.status.isTerminal()) {
      boolean repeated = task.answered;
      tell(task, sent.name() + (repeated ? " is ignored: a repeat" : " is discarded: too late"));
      return repeated ? UpdateRecord.Effect.REPEATED : UpdateRecord.Effect.LATE;
    }
    tell(task, sent.name() + " is applied to " + task.name());
    if (task.lease != null && task.lease.pollCount != sent.pollCount) {
      sent.pulledFrom = task.lease.pollCount;
    }
    task.workerId = update.workerId();
    task.reason = update.reason();
    task.updateMillis = epochMillis();
    Payload output = update.output().encode(FakeCodec.INSTANCE);
    if (!output.asMap().isEmpty()) {
      task.output = output;
    }
    if (update.status() == TaskStatus.IN_PROGRESS) {
      handBack(task, update.callbackAfter());
    } else {
      task.answered = true;
      end(task, update.status(), "answered " + update.status());
      if (update.status() == TaskStatus.FAILED) {
        retry(task);
      }
    }
    return UpdateRecord.Effect.APPLIED;
  }

  private void handBack(FakeTask task, Duration callbackAfter) {
    endLease(task, "handed back");
    task.status = TaskStatus.SCHEDULED;
    task.callbackAfter = Duration.ofSeconds(callbackAfter.plusNanos(999_999_999).toSeconds());
    if (!task.reserved) {
      dequeue(task);
      enqueue(task, task.callbackAfter);
    }
  }

  /** Ends a workflow whose current task has not ended. */
  synchronized void terminate(FakeTask task) {
    FakeTask current = task.workflow.current();
    if (!current.status.isTerminal()) {
      tell(current, "the workflow is terminated");
      end(current, TaskStatus.CANCELED, "the workflow was terminated");
    }
  }

  private void end(FakeTask task, TaskStatus status, String why) {
    endLease(task, why);
    dequeue(task);
    task.hardTimer.dispose();
    task.status = status;
    task.updateMillis = epochMillis();
  }

  private void endLease(FakeTask task, String why) {
    FakeLease lease = task.lease;
    if (lease == null) {
      return;
    }
    task.lease = null;
    lease.timer.dispose();
    lease.endNanos = nanos();
    lease.end = why;
    leased.down(task.queue.taskType());
    if (!lease.runEnded) {
      lease.runEnded = true;
      unfinished.down(task.queue.taskType());
    }
  }

  /** Books that the observed run of a lease has ended. */
  synchronized void runEnded(FakeRun run) {
    for (FakeLease lease : run.task.leases) {
      if (lease.pollCount == run.pollCount && !lease.runEnded) {
        lease.runEnded = true;
        unfinished.down(run.task.queue.taskType());
      }
    }
  }

  synchronized void extend(FakeTask task) {
    if (task.lease != null) {
      task.lease.touchedNanos = nanos();
      task.updateMillis = epochMillis();
      tell(task, "the lease of " + task.name() + " is extended");
    }
  }

  synchronized long queued(QueueKey queue) {
    NavigableSet<FakeTask> waiting = queues.get(queue);
    return waiting == null ? 0 : waiting.size();
  }

  private void enqueue(FakeTask task, Duration delay) {
    task.readyNanos = nanos() + delay.toNanos();
    task.place = places++;
    task.queued = true;
    queues.computeIfAbsent(task.queue, key -> new TreeSet<>(TURN)).add(task);
    if (delay.isZero()) {
      serve(task.queue);
    } else {
      after(
          delay,
          () -> {
            synchronized (this) {
              serve(task.queue);
            }
          });
    }
  }

  private void dequeue(FakeTask task) {
    NavigableSet<FakeTask> queue = queues.get(task.queue);
    if (task.queued && queue != null) {
      queue.remove(task);
      task.queued = false;
    }
  }

  synchronized void tell(FakeTask task, String what) {
    task.workflow.tell(nanos(), what);
  }

  private long epochMillis() {
    return scheduler.now(TimeUnit.MILLISECONDS);
  }

  synchronized @Nullable FakeTask find(String taskId) {
    return tasks.get(taskId);
  }

  /** A poll at the server that has not been answered. */
  static final class Waiter {
    private final QueueKey queue;
    private final String workerId;
    private final String region;
    private final int count;
    private final int extra;
    private final Consumer<List<FakeLease>> to;
    private final List<FakeTask> taken = new ArrayList<>();
    private final Disposable.Swap timer = Disposables.swap();
    private boolean done;

    private Waiter(
        QueueKey queue,
        String workerId,
        String region,
        int count,
        int extra,
        Consumer<List<FakeLease>> to) {
      this.queue = queue;
      this.workerId = workerId;
      this.region = region;
      this.count = count;
      this.extra = extra;
      this.to = to;
    }
  }
}
