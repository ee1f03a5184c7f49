package dev.holdfast.local;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What this server does with a request or when time has passed: the rules of Conductor, for
 * workflows of one task. Each step reads the board and makes changes, which are applied at once;
 * whoever runs the step takes them with {@link #takeChanges} and keeps them. A {@link Refusal}
 * comes before any change. Confined to its owner.
 */
final class Rules {

  private static final int MAX_DEFINITIONS = 10_000;
  private static final int MAX_HISTORY_OF_TASK = 1_000;
  private static final int MAX_REASON_CHARS = 500;

  private final LocalServerSpec.Bounds bounds;
  private final Board board;
  private final Supplier<String> ids;
  private final Domains domains = new Domains();
  private List<Change> changes = new ArrayList<>();
  private Now now = new Now(0, 0);

  Rules(LocalServerSpec.Bounds bounds, Board board, Supplier<String> ids) {
    this.bounds = bounds;
    this.board = board;
    this.ids = ids;
  }

  Board board() {
    return board;
  }

  /** Begins a step: sets its time, and does what has become due until then. */
  void begin(Now at) {
    now = at;
    Due due = board.nextDue(now);
    while (due != null) {
      if (due.ofWorkflow()) {
        timeOutWorkflow(due.id());
      } else {
        timeOut(Objects.requireNonNull(board.slot(due.id())));
      }
      due = board.nextDue(now);
    }
  }

  /** The changes of the step, in order. */
  List<Change> takeChanges() {
    List<Change> taken = changes;
    changes = new ArrayList<>();
    return taken;
  }

  // Definitions.

  void define(List<TaskDefinition> definitions) {
    checkRoom(definitions.size());
    definitions.forEach(this::define);
  }

  void redefine(TaskDefinition definition) {
    if (board.type(definition.name()) == null) {
      throw Refusal.notFound("No such task by name " + Line.of(definition.name()));
    }
    define(definition);
  }

  private void define(TaskDefinition definition) {
    TaskDefinition earlier = board.type(definition.name());
    TaskDefinition dated =
        earlier == null
            ? definition.at(now.millis(), 0)
            : definition.at(earlier.createTime(), now.millis());
    commit(new Change.TypeDefined(dated.name(), dated.json()));
  }

  TaskDefinition type(String name) {
    TaskDefinition definition = board.type(name);
    if (definition == null) {
      throw Refusal.notFound("No such taskType found by name: " + Line.of(name));
    }
    return definition;
  }

  Collection<TaskDefinition> types() {
    return board.types();
  }

  void removeType(String name) {
    if (board.type(name) == null) {
      throw Refusal.unreadable("No such task definition: " + Line.of(name));
    }
    commit(new Change.TypeRemoved(name));
  }

  /** Defines workflows that must be new. */
  void create(WorkflowDefinition definition) {
    if (board.workflowType(definition.name(), definition.version()) != null) {
      throw Refusal.unreadable(
          "Workflow with "
              + Line.of(definition.name())
              + "."
              + definition.version()
              + " already exists!");
    }
    defineWorkflows(List.of(definition));
  }

  void defineWorkflows(List<WorkflowDefinition> definitions) {
    checkRoom(definitions.size());
    for (WorkflowDefinition definition : definitions) {
      WorkflowDefinition earlier = board.workflowType(definition.name(), definition.version());
      WorkflowDefinition dated =
          earlier == null
              ? definition.at(now.millis(), 0)
              : definition.at(earlier.createTime(), now.millis());
      commit(new Change.WorkflowDefined(dated.name(), dated.version(), dated.json()));
    }
  }

  WorkflowDefinition workflowType(String name, @Nullable Integer version) {
    WorkflowDefinition definition = board.workflowType(name, version);
    if (definition == null) {
      throw Refusal.notFound(
          "No such workflow found by name: " + Line.of(name) + ", version: " + version);
    }
    return definition;
  }

  List<WorkflowDefinition> workflowTypes() {
    return board.workflowTypes();
  }

  void removeWorkflowType(String name, int version) {
    if (board.workflowType(name, version) == null) {
      throw Refusal.unreadable(
          "No such workflow definition: " + Line.of(name) + " version: " + version);
    }
    commit(new Change.WorkflowRemoved(name, version));
  }

  private void checkRoom(int more) {
    if (board.definitions() + more > MAX_DEFINITIONS) {
      throw Refusal.full(
          "There are " + board.definitions() + " definitions: expected at most " + MAX_DEFINITIONS);
    }
  }

  // Workflows.

  /** Starts a workflow and answers its id, or that of one started with the same key before. */
  String start(StartRequest request) {
    WorkflowDefinition given = request.definition();
    WorkflowDefinition definition =
        given == null ? workflowType(request.name(), request.version()) : given;
    String key = request.idempotencyKey();
    if (key != null) {
      Workflow earlier = board.startedAs(request.name(), key);
      if (earlier != null && request.onConflict() == StartRequest.OnConflict.RETURN_EXISTING) {
        return earlier.id();
      }
      if (earlier != null
          && (request.onConflict() == StartRequest.OnConflict.FAIL
              || !earlier.status().isTerminal())) {
        throw Refusal.conflict(
            "Workflow " + earlier.id() + " was started with idempotencyKey " + Line.of(key));
      }
    }
    if (board.open() >= bounds.open()) {
      throw Refusal.full(
          board.open() + " workflows are open, the most that this server holds: try again later");
    }
    TaskDefinition type = board.type(definition.taskType());
    String id = ids.get();
    commit(
        new Change.Started(
            id,
            request.name(),
            definition.json(),
            (type == null ? TaskDefinition.undefined(definition.taskType()) : type).json(),
            withTemplate(request.input(), definition.inputTemplate()),
            request.correlationId(),
            request.priority(),
            Json.text(Json.MAPPER.valueToTree(request.taskToDomain())),
            domains.choose(definition.taskType(), request.taskToDomain(), now),
            key,
            now.millis()));
    Workflow.Plan plan = Objects.requireNonNull(board.workflow(id)).plan();
    schedule(plan, 0, 1, null, "{}", 0, definition.startDelaySeconds());
    return id;
  }

  private void schedule(
      Workflow.Plan plan,
      int retryCount,
      int seq,
      @Nullable String retried,
      String output,
      long updateTime,
      int delaySeconds) {
    String taskId = ids.get();
    commit(
        new Change.Scheduled(
            taskId,
            plan.id(),
            Json.text(input(plan, taskId)),
            output,
            retryCount,
            seq,
            retried,
            updateTime,
            delaySeconds,
            board.newPlace(),
            now.millis()));
  }

  private static JsonNode input(Workflow.Plan plan, String taskId) {
    String parameters =
        withTemplate(plan.definition().inputParameters(), plan.taskDefinition().inputTemplate());
    ObjectNode values = values(plan);
    values.put("CPEWF_TASK_ID", taskId);
    return new Expressions(values).resolve(Json.object(parameters));
  }

  private static ObjectNode values(Workflow.Plan plan) {
    ObjectNode values = Json.object();
    ObjectNode workflow = values.putObject("workflow");
    workflow.set("input", Json.object(plan.input()));
    workflow
        .put("workflowId", plan.id())
        .put("workflowType", plan.name())
        .put("version", plan.definition().version())
        .put("correlationId", plan.correlationId());
    return values;
  }

  private static String withTemplate(String given, String template) {
    if (template.equals("{}")) {
      return given;
    }
    ObjectNode all = Json.object(template);
    all.setAll(Json.object(given));
    return Json.text(all);
  }

  WorkflowView workflow(String id) {
    Workflow workflow = find(id);
    List<LocalTask> tasks = new ArrayList<>();
    for (String taskId : workflow.tasks()) {
      tasks.add(Objects.requireNonNull(board.slot(taskId)).task);
    }
    return new WorkflowView(workflow, tasks);
  }

  void terminate(String id, @Nullable String reason) {
    Workflow workflow = find(id);
    if (!workflow.status().isTerminal()) {
      finish(workflow.plan(), WorkflowStatus.TERMINATED, cut(reason), "{}");
    }
  }

  private Workflow find(String id) {
    Workflow workflow = board.workflow(id);
    if (workflow == null) {
      throw Refusal.notFound("No such workflow found by id: " + Line.of(id));
    }
    return workflow;
  }

  /** Ends a workflow; a task of it that has not ended is cancelled. */
  private void finish(
      Workflow.Plan plan, WorkflowStatus status, @Nullable String reason, String output) {
    for (String taskId : Objects.requireNonNull(board.workflow(plan.id())).tasks()) {
      LocalTask task = Objects.requireNonNull(board.slot(taskId)).task;
      if (!task.status().isTerminal()) {
        end(task, TaskStatus.CANCELED, null);
      }
    }
    commit(new Change.Finished(plan.id(), status, reason, output, now.millis()));
  }

  // Tasks.

  /** Notes that somebody polls this queue, now or for a while. */
  void seen(QueueKey queue) {
    domains.seen(queue, now);
  }

  /** Leases what is ready, as many as asked for. */
  List<TaskView> poll(QueueKey queue, @Nullable String workerId, int count) {
    List<TaskView> leased = new ArrayList<>();
    while (leased.size() < count) {
      Slot slot = board.first(queue);
      if (slot == null) {
        break;
      }
      commit(new Change.Polled(slot.task.id(), workerId, slot.task.pollCount() + 1, now.millis()));
      leased.add(new TaskView(slot.plan, slot.task));
      condense(slot);
    }
    return leased;
  }

  /** Takes back what was leased to a client that got no answer, unless it has moved on since. */
  void giveBack(List<TaskView> leased) {
    for (TaskView view : leased) {
      Slot slot = board.slot(view.task().id());
      if (slot != null && slot.task.equals(view.task())) {
        commit(new Change.Returned(slot.task.id(), now.millis()));
        condense(slot);
      }
    }
  }

  TaskView task(String taskId) {
    Slot slot = board.slot(taskId);
    if (slot == null) {
      throw Refusal.notFound("No such task found by id: " + Line.of(taskId));
    }
    return new TaskView(slot.plan, slot.task);
  }

  int waiting(QueueKey queue) {
    return board.waiting(queue);
  }

  /**
   * Carries out what a worker reports, and answers the queue of the task. What comes after the
   * task's end is discarded, like a repeated report.
   */
  QueueKey update(TaskResult result) {
    if (!result.extendLease()) {
      find(result.workflowId());
    }
    Slot slot = board.slot(result.taskId());
    if (slot == null || (!result.extendLease() && !slot.plan.id().equals(result.workflowId()))) {
      throw Refusal.notFound("No such task found by id: " + Line.of(result.taskId()));
    }
    if (!slot.task.status().isTerminal()) {
      if (result.extendLease()) {
        extend(slot);
      } else {
        settle(slot, result);
      }
    }
    return slot.plan.queue();
  }

  private void extend(Slot slot) {
    if (slot.task.status() == TaskStatus.IN_PROGRESS) {
      commit(new Change.Extended(slot.task.id(), now.millis()));
      condense(slot);
    }
  }

  private void settle(Slot slot, TaskResult result) {
    LocalTask task = slot.task;
    if (!result.logs().isEmpty()) {
      commit(new Change.Logged(task.id(), result.logs()));
    }
    int callback = Math.max(0, result.callbackAfterSeconds());
    String reason = cut(result.reason());
    if (result.status() == TaskResult.Status.IN_PROGRESS) {
      commit(
          new Change.HandedBack(
              task.id(),
              result.workerId(),
              result.output(),
              reason,
              callback,
              board.newPlace(),
              now.millis()));
      condense(slot);
      return;
    }
    commit(
        new Change.Ended(
            task.id(),
            TaskStatus.valueOf(result.status().name()),
            result.workerId(),
            result.output(),
            reason,
            callback,
            now.millis()));
    decide(slot);
  }

  void log(String taskId, String line) {
    Slot slot = board.slot(taskId);
    if (slot == null) {
      throw Refusal.notFound("No such task found by id: " + Line.of(taskId));
    }
    commit(new Change.Logged(taskId, List.of(new LogLine(line, now.millis()))));
    condense(slot);
  }

  /** The lines about a task; none if it is unknown. */
  List<LogLine> logs(String taskId) {
    Slot slot = board.slot(taskId);
    return slot == null ? List.of() : slot.lines();
  }

  // What follows.

  /** What the end of a task means for its workflow. */
  private void decide(Slot slot) {
    LocalTask task = slot.task;
    Workflow.Plan plan = slot.plan;
    int retries = task.scheduled().retryCount();
    if (task.status() == TaskStatus.COMPLETED) {
      finish(plan, WorkflowStatus.COMPLETED, null, output(plan, task));
    } else if (task.status().mayBeRetried() && retries < plan.retryCount()) {
      schedule(
          plan,
          retries + 1,
          task.scheduled().seq() + 1,
          task.id(),
          task.output(),
          task.updateTime(),
          plan.taskDefinition().delaySecondsAfter(retries));
    } else {
      WorkflowStatus status =
          switch (task.status()) {
            case TIMED_OUT -> WorkflowStatus.TIMED_OUT;
            case CANCELED -> WorkflowStatus.TERMINATED;
            default -> WorkflowStatus.FAILED;
          };
      String reason =
          "Task "
              + task.id()
              + " failed with status: "
              + status
              + " and reason: '"
              + task.reason()
              + "'";
      finish(plan, status, reason, output(plan, task));
    }
  }

  private static String output(Workflow.Plan plan, LocalTask task) {
    String parameters = plan.definition().outputParameters();
    if (parameters.equals("{}")) {
      return task.output();
    }
    ObjectNode values = values(plan);
    ObjectNode step = values.putObject(plan.definition().reference());
    step.set("input", Json.object(task.scheduled().input()));
    step.set("output", Json.object(task.output()));
    step.put("status", task.status().name()).put("taskId", task.id());
    return Json.text(new Expressions(values).resolve(Json.object(parameters)));
  }

  private void timeOut(Slot slot) {
    LocalTask task = slot.task;
    TaskDefinition type = slot.plan.taskDefinition();
    if (slot.hardNanos() <= now.nanos()) {
      long seconds = (now.nanos() - slot.startedNanos) / 1_000_000_000L;
      timeOutByPolicy(
          slot,
          "Task timed out after "
              + seconds
              + " seconds. Timeout configured as "
              + type.timeoutSeconds()
              + " seconds. Timeout policy configured to "
              + type.timeoutPolicy());
    } else if (task.status() == TaskStatus.SCHEDULED) {
      timeOutByPolicy(
          slot,
          "Task poll timed out after "
              + type.pollTimeoutSeconds()
              + " seconds. Timeout policy configured to "
              + type.timeoutPolicy());
    } else {
      end(
          task,
          TaskStatus.TIMED_OUT,
          "responseTimeout: "
              + type.responseTimeoutSeconds()
              + " exceeded for the taskId: "
              + task.id()
              + " with Task Definition: "
              + type.name());
      decide(slot);
    }
  }

  private void timeOutByPolicy(Slot slot, String reason) {
    end(slot.task, TaskStatus.TIMED_OUT, reason);
    if (slot.plan.taskDefinition().timeoutPolicy() == TaskDefinition.TimeoutPolicy.TIME_OUT_WF) {
      finish(slot.plan, WorkflowStatus.TIMED_OUT, reason, output(slot.plan, slot.task));
    } else {
      decide(slot);
    }
  }

  private void timeOutWorkflow(String id) {
    Workflow.Plan plan = find(id).plan();
    finish(
        plan,
        WorkflowStatus.TIMED_OUT,
        "Workflow timed out after "
            + plan.definition().timeoutSeconds()
            + " seconds. Timeout policy configured to TIME_OUT_WF",
        "{}");
  }

  private void end(LocalTask task, TaskStatus status, @Nullable String reason) {
    commit(
        new Change.Ended(
            task.id(), status, task.workerId(), task.output(), reason, 0, now.millis()));
  }

  /** Keeps the history of a task that goes on for long from growing without end. */
  private void condense(Slot slot) {
    if (slot.history > MAX_HISTORY_OF_TASK) {
      commit(new Change.Condensed(slot.task, slot.lines(), slot.since));
    }
  }

  private void commit(Change change) {
    board.apply(change, now);
    changes.add(change);
  }

  private static @Nullable String cut(@Nullable String reason) {
    return reason == null || reason.length() <= MAX_REASON_CHARS
        ? reason
        : reason.substring(0, MAX_REASON_CHARS);
  }
}
