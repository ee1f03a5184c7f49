package dev.holdfast.testkit;

import dev.holdfast.client.TaskClient;
import dev.holdfast.client.TaskState;
import dev.holdfast.task.Payload;
import dev.holdfast.task.PayloadCodec;
import dev.holdfast.task.TaskHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * A task server in memory that behaves as Conductor does towards a worker, books all that it sees,
 * fails as it is told to, and can say what must not have happened.
 *
 * <p>All time is its scheduler's: virtual, and then a run is repeatable to the last event, or real.
 * What it does and signals happens on that scheduler, never within {@code subscribe}. Each
 * submitted task is a workflow of its own; a task that failed or timed out is tried again as a new
 * task of the same workflow.
 *
 * <p>As Conductor: a poll leases, also if its caller is gone; a long poll waits until it can be
 * answered in full; a second terminal update is answered and ignored; an update after a timeout is
 * answered and discarded; handing a task back takes it from whoever holds it; nothing is fenced.
 *
 * <p>Thread-safe.
 */
public final class FakeTaskServer {

  private final TaskBoard board;
  private final FakeWire wire;
  private final RunBook runs;
  private final Invariants invariants;

  private FakeTaskServer(Scheduler scheduler) {
    board = new TaskBoard(scheduler);
    wire = new FakeWire(board);
    runs = new RunBook(board);
    invariants = new Invariants(board, wire);
  }

  /**
   * A server without tasks.
   *
   * @param scheduler its clock and the place where it works; one that can delay. The caller owns it
   * @return the server
   */
  public static FakeTaskServer on(Scheduler scheduler) {
    return new FakeTaskServer(scheduler);
  }

  // What it is like

  /**
   * Sets how long a request takes to the server, and its answer back; 1 ms by default.
   *
   * @param oneWay the time, more than zero
   * @return this server
   */
  public FakeTaskServer latency(Duration oneWay) {
    wire.latency(oneWay);
    return this;
  }

  /**
   * Sets the deadline of its clients' calls, which for a poll comes on top of its wait; 10 s by
   * default. A call that passes it fails as unreachable and maybe applied.
   *
   * @param limit the time, more than zero
   * @return this server
   */
  public FakeTaskServer deadline(Duration limit) {
    wire.deadline(limit);
    return this;
  }

  /**
   * Defines a task type; one that is not defined has {@link TaskTypeSpec#defaults()}.
   *
   * @param taskType the task type
   * @param spec how its tasks are treated from their next lease on
   * @return this server
   */
  public FakeTaskServer define(String taskType, TaskTypeSpec spec) {
    board.define(taskType, spec);
    return this;
  }

  /** {@return a new client that knows this server as {@code fake}} */
  public TaskClient client() {
    return client("fake");
  }

  /**
   * A new client.
   *
   * @param region the name under which it knows this server
   * @return the client
   */
  public TaskClient client(String region) {
    return new FakeClient(wire, region);
  }

  /** {@return the format of the payloads that its clients carry} */
  public PayloadCodec codec() {
    return FakeCodec.INSTANCE;
  }

  // What happens at it

  /**
   * Starts a workflow of one task.
   *
   * @param taskType the task type
   * @param input the task's input
   * @return the task's id
   */
  public String submit(String taskType, Map<String, ?> input) {
    return submit(taskType, null, input);
  }

  /**
   * Starts a workflow of one task in a domain.
   *
   * @param taskType the task type
   * @param domain the domain, or null for none
   * @param input the task's input
   * @return the task's id
   */
  public String submit(String taskType, @Nullable String domain, Map<String, ?> input) {
    Payload encoded = Payload.of(input).encode(FakeCodec.INSTANCE);
    return board.submit(new QueueKey(taskType, domain), encoded).id;
  }

  /**
   * Starts several workflows of one task each, with {@code {"n": 0}}, {@code {"n": 1}} and so on as
   * their inputs.
   *
   * @param taskType the task type
   * @param count how many
   * @return the tasks' ids, in order
   */
  public List<String> submitMany(String taskType, int count) {
    List<String> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ids.add(submit(taskType, Map.of("n", i)));
    }
    return ids;
  }

  /**
   * Terminates a task's workflow: its current task is cancelled, and whoever runs it is not told.
   *
   * @param taskId the task, or an earlier one that it retries
   */
  public void terminate(String taskId) {
    board.terminate(task(taskId));
  }

  /** Cuts the network: calls in flight break, further ones are refused. Time goes on. */
  public void down() {
    wire.down(true);
  }

  /** Restores the network. */
  public void up() {
    wire.down(false);
  }

  /**
   * What goes wrong with calls of a kind, unless {@link #script(Call, String)} has more to say.
   *
   * @param call the kind
   * @return its script, empty at first
   */
  public Script script(Call call) {
    return wire.script(call, null);
  }

  /**
   * What goes wrong with calls of a kind that concern a task type.
   *
   * @param call the kind
   * @param taskType the task type
   * @return its script, empty at first
   */
  public Script script(Call call, String taskType) {
    return wire.script(call, taskType);
  }

  /**
   * Watches a handler, so that the server knows when tasks run.
   *
   * @param handler the handler
   * @return a handler that does the same and runs where it does
   */
  public TaskHandler observe(TaskHandler handler) {
    synchronized (board) {
      board.observed = true;
    }
    return new ObservedHandler(handler, runs);
  }

  // Its books

  /** {@return all calls, in the order in which they began} */
  public List<CallRecord> calls() {
    return snapshots(wire.calls, call -> true, FakeCall::snapshot);
  }

  /**
   * The calls of a kind.
   *
   * @param kind the kind
   * @return the calls, in the order in which they began
   */
  public List<CallRecord> calls(Call kind) {
    return snapshots(wire.calls, call -> call.request.kind() == kind, FakeCall::snapshot);
  }

  /** {@return the polls, in the order in which they began} */
  public List<CallRecord> polls() {
    return calls(Call.POLL);
  }

  /** {@return how many calls have begun} */
  public int requestCount() {
    synchronized (board) {
      return wire.calls.size();
    }
  }

  /**
   * How many calls of a kind have begun.
   *
   * @param kind the kind
   * @return the number
   */
  public int requestCount(Call kind) {
    return calls(kind).size();
  }

  /** {@return all updates, in the order in which they were sent} */
  public List<UpdateRecord> updates() {
    return snapshots(wire.updates, sent -> true, FakeUpdate::snapshot);
  }

  /**
   * The updates of a task.
   *
   * @param taskId the task
   * @return its updates, in the order in which they were sent
   */
  public List<UpdateRecord> updates(String taskId) {
    return snapshots(
        wire.updates, sent -> sent.update.taskId().equals(taskId), FakeUpdate::snapshot);
  }

  /** {@return all leases, in the order in which they began} */
  public List<LeaseRecord> leases() {
    return snapshots(board.leases, lease -> true, FakeLease::snapshot);
  }

  /**
   * The leases of a task.
   *
   * @param taskId the task
   * @return its leases, in the order in which they began
   */
  public List<LeaseRecord> leases(String taskId) {
    return snapshots(board.leases, lease -> lease.task.id.equals(taskId), FakeLease::snapshot);
  }

  /** {@return the runs of observed handlers, in the order in which they began} */
  public List<RunRecord> runs() {
    return snapshots(runs.runs, run -> true, FakeRun::snapshot);
  }

  /**
   * The runs of a task by observed handlers.
   *
   * @param taskId the task
   * @return its runs, in the order in which they began
   */
  public List<RunRecord> runs(String taskId) {
    return snapshots(runs.runs, run -> run.task.id.equals(taskId), FakeRun::snapshot);
  }

  private <S, R> List<R> snapshots(List<S> all, Predicate<S> which, Function<S, R> snapshot) {
    synchronized (board) {
      return all.stream().filter(which).map(snapshot).toList();
    }
  }

  // Its state

  /**
   * The state of a task.
   *
   * @param taskId the task
   * @return its state
   * @throws IllegalArgumentException if there is no such task
   */
  public TaskState state(String taskId) {
    synchronized (board) {
      return task(taskId).state();
    }
  }

  /**
   * The output of a task.
   *
   * @param taskId the task
   * @return its output, empty if it has none
   */
  public Map<String, Object> output(String taskId) {
    synchronized (board) {
      return task(taskId).output.asMap();
    }
  }

  /**
   * Why a task failed.
   *
   * @param taskId the task
   * @return the reason that its last update gave, or null
   */
  public @Nullable String reason(String taskId) {
    synchronized (board) {
      return task(taskId).reason;
    }
  }

  /**
   * The log of a task.
   *
   * @param taskId the task
   * @return its lines, in the order in which they came
   */
  public List<String> logs(String taskId) {
    synchronized (board) {
      return List.copyOf(task(taskId).logs);
    }
  }

  /**
   * The task that its workflow is at, which differs once one was tried again.
   *
   * @param taskId the task that was submitted, or one that retried it
   * @return the id of the newest
   */
  public String latest(String taskId) {
    synchronized (board) {
      return task(taskId).workflow.current().id;
    }
  }

  /**
   * How many tasks wait outside any domain, those that are called back later included.
   *
   * @param taskType the task type
   * @return the number
   */
  public long queued(String taskType) {
    return board.queued(new QueueKey(taskType, null));
  }

  /** {@return how many tasks are leased and not answered for} */
  public int leasedNow() {
    synchronized (board) {
      return board.leased.total();
    }
  }

  /** {@return how many tasks were leased and not answered for at once, at most} */
  public int maxLeased() {
    synchronized (board) {
      return board.leased.most();
    }
  }

  /**
   * How many tasks of a type were leased and not answered for at once, at most.
   *
   * @param taskType the task type
   * @return the number
   */
  public int maxLeased(String taskType) {
    synchronized (board) {
      return board.leased.most(taskType);
    }
  }

  /**
   * How many tasks were leased at once whose observed handler had not ended: what a worker's slots
   * bound, while answers that are on their way are not in slots any more.
   *
   * @return the number, at most
   */
  public int maxUnfinished() {
    synchronized (board) {
      return board.unfinished.most();
    }
  }

  /**
   * How many tasks of a type were leased at once whose observed handler had not ended.
   *
   * @param taskType the task type
   * @return the number, at most
   */
  public int maxUnfinished(String taskType) {
    synchronized (board) {
      return board.unfinished.most(taskType);
    }
  }

  /** {@return how many workflows have not ended} */
  public int pending() {
    synchronized (board) {
      return (int) board.workflows.stream().filter(workflow -> !workflow.hasEnded()).count();
    }
  }

  private FakeTask task(String taskId) {
    FakeTask task = board.find(taskId);
    if (task == null) {
      throw new IllegalArgumentException(
          "no task " + taskId + ": expected an id that submit() gave");
    }
    return task;
  }

  // What must hold

  /**
   * Asserts that every task ended, waits, or is held by somebody: none is leased for ever by an
   * answer that never arrived, and no lease lapsed on a worker that had the task and neither ran
   * it, nor handed it back, nor tried to send its result, nor asked for the task and learnt that it
   * was too late. The last is told of observed handlers only.
   *
   * @throws AssertionError if not, with the story of each such task
   */
  public void assertNothingLost() {
    check(invariants::lost);
  }

  /**
   * Asserts that every workflow that was not terminated has completed.
   *
   * @throws AssertionError if not, with the story of each such task
   */
  public void assertAllCompleted() {
    check(invariants::unfinished);
  }

  /**
   * Asserts that no workflow's step was run by two observed handlers at once, and that no attempt
   * was run twice.
   *
   * @throws AssertionError if not, with the story of each such task
   */
  public void assertNoneRunByTwoAtOnce() {
    check(() -> runs.collisions);
  }

  /**
   * Asserts that each attempt has one update: no two that differ, one that repeats only where the
   * one before it failed and was not rejected. Handing a task back must not be repeated after an
   * ambiguous failure without asking for the task's state first, and must not take it from another
   * holder.
   *
   * @throws AssertionError if not, with the story of each such task
   */
  public void assertOneUpdatePerAttempt() {
    check(invariants::updates);
  }

  /**
   * Asserts that no call that leases was cancelled by its caller.
   *
   * @throws AssertionError if not, with those calls
   */
  public void assertNoPollCancelled() {
    check(invariants::cancelledPolls);
  }

  /**
   * Asserts all that must hold at any time, which is all but {@link #assertAllCompleted()}.
   *
   * @throws AssertionError if not, with what was found
   */
  public void verify() {
    check(
        () -> {
          List<String> found = new ArrayList<>(invariants.lost());
          found.addAll(runs.collisions);
          found.addAll(invariants.updates());
          found.addAll(invariants.cancelledPolls());
          return found;
        });
  }

  private void check(Supplier<List<String>> rule) {
    List<String> found;
    synchronized (board) {
      found = List.copyOf(rule.get());
    }
    Invariants.check(found);
  }
}
