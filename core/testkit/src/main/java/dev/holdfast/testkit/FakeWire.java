package dev.holdfast.testkit;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/** The network between clients and the fake server: latency, outages, scripts, and its books. */
final class FakeWire {

  private record ScriptKey(Call call, @Nullable String taskType) {}

  final List<FakeCall<?>> calls = new ArrayList<>();
  final List<FakeUpdate> updates = new ArrayList<>();

  private final TaskBoard board;
  private final Set<FakeCall<?>> open = new LinkedHashSet<>();
  private final Map<ScriptKey, Script> scripts = new HashMap<>();
  private Duration latency = Duration.ofMillis(1);
  private Duration deadline = Duration.ofSeconds(10);
  private boolean down;
  private long ticks;

  FakeWire(TaskBoard board) {
    this.board = board;
  }

  TaskBoard board() {
    return board;
  }

  Duration latency() {
    synchronized (board) {
      return latency;
    }
  }

  void latency(Duration oneWay) {
    if (oneWay.isNegative() || oneWay.isZero()) {
      throw new IllegalArgumentException("latency is " + oneWay + ": expected more than zero");
    }
    synchronized (board) {
      latency = oneWay;
    }
  }

  Duration deadline() {
    synchronized (board) {
      return deadline;
    }
  }

  void deadline(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("deadline is " + limit + ": expected more than zero");
    }
    synchronized (board) {
      deadline = limit;
    }
  }

  Script script(Call call, @Nullable String taskType) {
    synchronized (board) {
      return scripts.computeIfAbsent(new ScriptKey(call, taskType), key -> new Script(call));
    }
  }

  /** A cold call: each subscription books one and sends it off. */
  <T> Flux<T> call(
      FakeClient client, Supplier<FakeCall.Request> request, Consumer<FakeCall<T>> action) {
    return Flux.create(sink -> open(client, request.get(), sink).begin(isCut(client), action));
  }

  private boolean isCut(FakeClient client) {
    synchronized (board) {
      return down || client.isClosed();
    }
  }

  private <T> FakeCall<T> open(FakeClient client, FakeCall.Request request, FluxSink<T> sink) {
    checkOutput(request.update());
    synchronized (board) {
      FakeCall<T> call = new FakeCall<>(this, client, request, faultOf(request), sink);
      calls.add(call);
      call.number = calls.size();
      call.beginNanos = board.nanos();
      call.beginOrder = tick();
      open.add(call);
      if (request.update() != null) {
        call.sent = book(request.update(), call);
      }
      return call;
    }
  }

  private static void checkOutput(@Nullable TaskUpdate update) {
    if (update != null && update.output().size() == 0 && update.output() != Payload.empty()) {
      throw new IllegalStateException(
          "the output of " + update.taskId() + " is not encoded: a transport could not send it");
    }
  }

  private FakeUpdate book(TaskUpdate update, FakeCall<?> call) {
    FakeTask task = board.find(update.taskId());
    if (task != null && !task.workflow.id.equals(update.workflowId())) {
      task = null;
    }
    FakeUpdate sent = new FakeUpdate(update, task, attemptOf(update, task), call);
    updates.add(sent);
    if (task != null) {
      task.updates.add(sent);
      board.tell(task, sent.name() + " is sent for " + task.id + "#" + sent.pollCount);
    }
    return sent;
  }

  /** The very same update sent again is of the same attempt, whatever was leased meanwhile. */
  @SuppressWarnings("ReferenceEquality") // two releases of one task are equal and not the same
  private static int attemptOf(TaskUpdate update, @Nullable FakeTask task) {
    if (task == null) {
      return 0;
    }
    for (FakeUpdate earlier : task.updates) {
      if (earlier.update == update) {
        return earlier.pollCount;
      }
    }
    return task.attemptOf(update.workerId());
  }

  private Fault faultOf(FakeCall.Request request) {
    Fault fault = null;
    if (request.taskType() != null) {
      fault = script(request.kind(), request.taskType()).take();
    }
    if (fault == null) {
      fault = script(request.kind(), null).take();
    }
    return fault == null ? Fault.none() : fault;
  }

  /** The next place in the order of what callers saw, finer than any clock. */
  long tick() {
    return ticks++;
  }

  void retire(FakeCall<?> call) {
    open.remove(call);
  }

  void down(boolean isDown) {
    synchronized (board) {
      down = isDown;
      if (isDown) {
        sever(call -> true, Failures.reset());
      }
    }
  }

  void sever(Predicate<FakeCall<?>> which, ServerFailure why) {
    synchronized (board) {
      for (FakeCall<?> call : List.copyOf(open)) {
        if (which.test(call)) {
          call.sever(why);
        }
      }
    }
  }
}
