package dev.holdfast.local;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The state of a server: definitions, workflows, tasks, queues, and what is due when. It changes
 * only by {@link #apply}, so that the same changes in the same order make the same board. Confined
 * to its owner.
 */
final class Board {

  private static final int MAX_PARSED = 1_000;

  private record Start(String workflow, String key) {}

  private record End(String workflowId, long nanos) {}

  private static final class Queue {
    final TreeSet<Slot> ready = new TreeSet<>(Slot.TURN);
    int delayed;
  }

  private final NavigableMap<String, TaskDefinition> taskTypes = new TreeMap<>();
  private final NavigableMap<String, NavigableMap<Integer, WorkflowDefinition>> workflowTypes =
      new TreeMap<>();
  private final Map<String, Workflow> workflows = new HashMap<>();
  private final Map<String, Slot> slots = new HashMap<>();
  private final Map<QueueKey, Queue> queues = new HashMap<>();
  private final Map<Start, String> starts = new HashMap<>();
  private final Deque<End> ended = new ArrayDeque<>();
  private final Set<QueueKey> fresh = new LinkedHashSet<>();
  private final TreeSet<Due> dues = new TreeSet<>();
  private final Map<String, Due> workflowDues = new HashMap<>();
  private final Map<String, TaskDefinition> parsedTypes = new HashMap<>();
  private final Map<String, WorkflowDefinition> parsedWorkflows = new HashMap<>();
  private int definitions;
  private long lastPlace;
  private long lastDue;

  /** Applies a change that was made at some time up to now. */
  void apply(Change change, Now now) {
    if (change instanceof Change.TypeDefined made) {
      definitions += taskTypes.put(made.name(), taskType(made.json())) == null ? 1 : 0;
    } else if (change instanceof Change.TypeRemoved made) {
      definitions -= taskTypes.remove(made.name()) == null ? 0 : 1;
    } else if (change instanceof Change.WorkflowDefined made) {
      var versions = workflowTypes.computeIfAbsent(made.name(), name -> new TreeMap<>());
      definitions += versions.put(made.version(), workflowType(made.json())) == null ? 1 : 0;
    } else if (change instanceof Change.WorkflowRemoved made) {
      remove(made.name(), made.version());
    } else if (change instanceof Change.Started made) {
      start(made, now);
    } else if (change instanceof Change.Scheduled made) {
      schedule(made, now);
    } else if (change instanceof Change.Polled made) {
      move(made, slot -> slot.task.polled(made.workerId(), made.at()), made.at(), now);
    } else if (change instanceof Change.Returned made) {
      move(made, slot -> slot.task.returned(), made.at(), now);
    } else if (change instanceof Change.Extended made) {
      move(made, slot -> slot.task.extended(made.at()), made.at(), now);
    } else if (change instanceof Change.HandedBack made) {
      move(made, slot -> handedBack(slot, made), made.at(), now);
      slotOf(made.taskId()).grow(made.output().length());
    } else if (change instanceof Change.Ended made) {
      move(made, slot -> ended(slot, made), made.at(), now);
    } else if (change instanceof Change.Logged made) {
      Slot slot = slotOf(made.taskId());
      made.lines().forEach(slot::add);
      slot.grow(made.lines().stream().mapToLong(line -> line.log().length()).sum());
    } else if (change instanceof Change.Condensed made) {
      condense(made, now);
    } else if (change instanceof Change.Finished made) {
      finish(made, now);
    }
  }

  /** What is past its retention leaves the board; its keys are to be forgotten. */
  List<String> forgetEnded(LocalServerSpec.Bounds bounds, Now now) {
    List<String> keys = new ArrayList<>();
    while (!ended.isEmpty()
        && (ended.size() > bounds.ended()
            || now.nanos() - ended.element().nanos() >= bounds.endedAge().toNanos())) {
      Workflow workflow = workflows.remove(ended.remove().workflowId());
      if (workflow != null) {
        keys.add(workflow.id());
        for (String taskId : workflow.tasks()) {
          slots.remove(taskId);
          keys.add(taskId);
        }
        String key = workflow.plan().idempotencyKey();
        if (key != null) {
          starts.remove(new Start(workflow.plan().name(), key), workflow.id());
        }
      }
    }
    return keys;
  }

  /** What is due, each once; ready tasks are in their queues afterwards. */
  @Nullable Due nextDue(Now now) {
    while (!dues.isEmpty() && dues.first().nanos() <= now.nanos()) {
      Due due = dues.first();
      Slot slot = due.ofWorkflow() ? null : slots.get(due.id());
      boolean isReady =
          slot != null
              && slot.task.status() == TaskStatus.SCHEDULED
              && !slot.isReady
              && slot.readyNanos() <= now.nanos();
      if (slot == null || !isReady) {
        return due;
      }
      queue(slot, now);
      arm(slot);
    }
    return null;
  }

  /** When to look again; the largest number for never. */
  long nextNanos(LocalServerSpec.Bounds bounds) {
    long due = dues.isEmpty() ? Long.MAX_VALUE : dues.first().nanos();
    long forget =
        ended.isEmpty() ? Long.MAX_VALUE : ended.element().nanos() + bounds.endedAge().toNanos();
    return Math.min(due, forget);
  }

  @Nullable TaskDefinition type(String name) {
    return taskTypes.get(name);
  }

  Collection<TaskDefinition> types() {
    return List.copyOf(taskTypes.values());
  }

  /** A version of a workflow, the latest if none is named. */
  @Nullable WorkflowDefinition workflowType(String name, @Nullable Integer version) {
    NavigableMap<Integer, WorkflowDefinition> versions = workflowTypes.get(name);
    if (versions == null) {
      return null;
    }
    return version == null ? versions.lastEntry().getValue() : versions.get(version);
  }

  List<WorkflowDefinition> workflowTypes() {
    return workflowTypes.values().stream().flatMap(all -> all.values().stream()).toList();
  }

  int definitions() {
    return definitions;
  }

  @Nullable Workflow workflow(String id) {
    return workflows.get(id);
  }

  @Nullable Slot slot(String taskId) {
    return slots.get(taskId);
  }

  /** How many workflows have not ended. */
  int open() {
    return workflows.size() - ended.size();
  }

  /** The workflow that was started under this key and has not been forgotten. */
  @Nullable Workflow startedAs(String name, String idempotencyKey) {
    String id = starts.get(new Start(name, idempotencyKey));
    return id == null ? null : workflows.get(id);
  }

  /** The task whose turn it is in a queue. */
  @Nullable Slot first(QueueKey key) {
    Queue queue = queues.get(key);
    return queue == null || queue.ready.isEmpty() ? null : queue.ready.first();
  }

  /** How many tasks of a queue wait to be polled, now or later. */
  int waiting(QueueKey key) {
    Queue queue = queues.get(key);
    return queue == null ? 0 : queue.ready.size() + queue.delayed;
  }

  /** The queues that have got tasks since this was last asked. */
  List<QueueKey> takeFresh() {
    List<QueueKey> keys = List.copyOf(fresh);
    fresh.clear();
    return keys;
  }

  long newPlace() {
    return lastPlace + 1;
  }

  /** All of it, as values that can be compared. */
  Map<String, Object> snapshot(Now now) {
    Map<String, Object> all = new TreeMap<>();
    all.put("types", Map.copyOf(taskTypes));
    all.put("workflow types", workflowTypes());
    all.put("workflows", Map.copyOf(workflows));
    slots.forEach(
        (id, slot) -> all.put("task " + id, List.of(slot.task, slot.lines(), slot.dueIn(now))));
    queues.forEach(
        (key, queue) ->
            all.put(
                "queue " + key,
                List.of(queue.ready.stream().map(slot -> slot.task.id()).toList(), queue.delayed)));
    all.put("starts", Map.copyOf(starts));
    all.put("ended", ended.stream().map(End::workflowId).toList());
    all.put("place", lastPlace);
    return Collections.unmodifiableMap(all);
  }

  private void remove(String name, int version) {
    NavigableMap<Integer, WorkflowDefinition> versions = workflowTypes.get(name);
    if (versions != null && versions.remove(version) != null) {
      definitions--;
      if (versions.isEmpty()) {
        workflowTypes.remove(name);
      }
    }
  }

  private void start(Change.Started made, Now now) {
    Workflow.Plan plan =
        new Workflow.Plan(
            made.workflowId(),
            made.name(),
            workflowType(made.definition()),
            taskType(made.taskDefinition()),
            made.input(),
            made.correlationId(),
            made.priority(),
            made.taskToDomain(),
            made.domain(),
            made.idempotencyKey(),
            made.at());
    workflows.put(plan.id(), Workflow.started(plan));
    if (plan.idempotencyKey() != null) {
      starts.put(new Start(plan.name(), plan.idempotencyKey()), plan.id());
    }
    if (plan.definition().timesOut()) {
      long nanos = Due.after(now.nanosAt(made.at()), plan.definition().timeoutSeconds());
      Due due = new Due(nanos, ++lastDue, true, plan.id());
      dues.add(due);
      workflowDues.put(plan.id(), due);
    }
  }

  private void schedule(Change.Scheduled made, Now now) {
    LocalTask task =
        new LocalTask(
            new LocalTask.Scheduled(
                made.taskId(),
                made.workflowId(),
                made.input(),
                made.retryCount(),
                made.seq(),
                made.retriedTaskId(),
                made.at(),
                made.startDelaySeconds()),
            TaskStatus.SCHEDULED,
            made.output(),
            null,
            0,
            null,
            0,
            made.updateTime(),
            0,
            made.startDelaySeconds(),
            made.place(),
            false);
    place(task, made.at(), now);
    // One that is not there comes later, as a whole, and tells so itself.
    Slot earlier = made.retriedTaskId() == null ? null : slots.get(made.retriedTaskId());
    if (earlier != null) {
      earlier.task = earlier.task.retriedLater();
    }
  }

  private Slot place(LocalTask task, long since, Now now) {
    Workflow workflow = workflowOf(task.scheduled().workflowId());
    workflows.put(workflow.id(), withTask(workflow, task));
    Slot slot = new Slot(workflow.plan(), task);
    slots.put(task.id(), slot);
    settle(slot, since, now);
    return slot;
  }

  /** In the order of the attempts: the latest state of an early one may be journaled last. */
  private Workflow withTask(Workflow workflow, LocalTask task) {
    List<String> tasks = workflow.tasks();
    int index = tasks.size();
    while (index > 0
        && slotOf(tasks.get(index - 1)).task.scheduled().seq() > task.scheduled().seq()) {
      index--;
    }
    return workflow.with(index, task);
  }

  private interface Move {
    LocalTask of(Slot slot);
  }

  private void move(Change change, Move move, long at, Now now) {
    Slot slot = slotOf(change.key());
    unqueue(slot);
    slot.task = move.of(slot);
    settle(slot, at, now);
  }

  /** Brings queue and due time into line with how a task stands. */
  private void settle(Slot slot, long since, Now now) {
    slot.since = since;
    slot.sinceNanos = now.nanosAt(since);
    if (slot.startTime != slot.task.startTime()) {
      slot.startTime = slot.task.startTime();
      slot.startedNanos = now.nanosAt(slot.startTime);
    }
    slot.grow(0);
    lastPlace = Math.max(lastPlace, slot.task.place());
    if (slot.task.status() == TaskStatus.SCHEDULED) {
      queue(slot, now);
    }
    arm(slot);
  }

  private static LocalTask handedBack(Slot slot, Change.HandedBack made) {
    return slot.task.handedBack(
        made.workerId(),
        made.output(),
        made.reason(),
        made.callbackAfterSeconds(),
        made.place(),
        made.at());
  }

  private LocalTask ended(Slot slot, Change.Ended made) {
    if (made.status().isFailure()) {
      workflows.computeIfPresent(slot.plan.id(), (id, workflow) -> workflow.withFailedTask());
    }
    return slot.task.ended(
        made.status(),
        made.workerId(),
        made.output(),
        made.reason(),
        made.callbackAfterSeconds(),
        made.at());
  }

  private void condense(Change.Condensed made, Now now) {
    Slot slot = slots.get(made.task().id());
    if (slot == null) {
      slot = place(made.task(), made.since(), now);
      made.lines().forEach(slot::add);
    }
    slot.history = 1;
  }

  private void finish(Change.Finished made, Now now) {
    Workflow workflow = workflowOf(made.workflowId());
    workflows.put(
        workflow.id(), workflow.ended(made.status(), made.reason(), made.output(), made.at()));
    ended.add(new End(workflow.id(), now.nanosAt(made.at())));
    Due due = workflowDues.remove(workflow.id());
    if (due != null) {
      dues.remove(due);
    }
  }

  private void queue(Slot slot, Now now) {
    Queue queue = queues.computeIfAbsent(slot.plan.queue(), key -> new Queue());
    boolean wasDelayed = slot.isQueued && !slot.isReady;
    slot.isQueued = true;
    slot.isReady = slot.readyNanos() <= now.nanos();
    if (slot.isReady) {
      queue.ready.add(slot);
      fresh.add(slot.plan.queue());
      queue.delayed -= wasDelayed ? 1 : 0;
    } else {
      queue.delayed += wasDelayed ? 0 : 1;
    }
  }

  private void unqueue(Slot slot) {
    if (!slot.isQueued) {
      return;
    }
    Queue queue = Objects.requireNonNull(queues.get(slot.plan.queue()));
    if (slot.isReady) {
      queue.ready.remove(slot);
    } else {
      queue.delayed--;
    }
    slot.isQueued = false;
    slot.isReady = false;
    if (queue.ready.isEmpty() && queue.delayed == 0) {
      queues.remove(slot.plan.queue());
    }
  }

  private void arm(Slot slot) {
    Due earlier = slot.due;
    if (earlier != null) {
      dues.remove(earlier);
    }
    long nanos = slot.dueNanos();
    slot.due = nanos == Long.MAX_VALUE ? null : new Due(nanos, ++lastDue, false, slot.task.id());
    if (slot.due != null) {
      dues.add(slot.due);
    }
  }

  private Slot slotOf(String taskId) {
    Slot slot = slots.get(taskId);
    if (slot == null) {
      throw new IllegalStateException("a change of task " + taskId + ", which is not there");
    }
    return slot;
  }

  private Workflow workflowOf(String id) {
    Workflow workflow = workflows.get(id);
    if (workflow == null) {
      throw new IllegalStateException("a change of workflow " + id + ", which is not there");
    }
    return workflow;
  }

  /** Workflows of one definition share it. */
  private TaskDefinition taskType(String json) {
    if (parsedTypes.size() >= MAX_PARSED) {
      parsedTypes.clear();
    }
    return parsedTypes.computeIfAbsent(json, TaskDefinition::parse);
  }

  private WorkflowDefinition workflowType(String json) {
    if (parsedWorkflows.size() >= MAX_PARSED) {
      parsedWorkflows.clear();
    }
    return parsedWorkflows.computeIfAbsent(json, WorkflowDefinition::parse);
  }
}
