package dev.holdfast.testkit;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.testkit.CallRecord.Ending;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.FluxSink;

/**
 * One call, from its subscription to its end on both sides: what its caller saw of it ({@code
 * ending}), and whether the server is done with it. A caller that goes away does not stop the
 * server. Guarded by the {@link TaskBoard}; signals are emitted outside its monitor.
 */
final class FakeCall<T> {

  /** What a call asks. */
  record Request(
      Call kind,
      String region,
      @Nullable String taskType,
      @Nullable String taskId,
      @Nullable String workerId,
      int count,
      Duration longPoll,
      @Nullable TaskUpdate update) {}

  /** An element of an answer, and the lease that it hands over. */
  record Item<T>(T value, @Nullable FakeLease lease) {}

  final FakeClient client;
  final Request request;
  final Fault fault;
  int number;
  long beginNanos;
  long beginOrder;
  long endOrder = -1;
  long endNanos = -1;
  Ending ending = Ending.OPEN;
  @Nullable ServerFailure failure;
  @Nullable FakeUpdate sent;
  TaskBoard.@Nullable Waiter waiter;

  private final FakeWire wire;
  private final TaskBoard board;
  private final FluxSink<T> sink;
  private final Disposable.Swap deadline = Disposables.swap();
  private boolean serverDone;
  private boolean delivering;

  FakeCall(FakeWire wire, FakeClient client, Request request, Fault fault, FluxSink<T> sink) {
    this.wire = wire;
    this.board = wire.board();
    this.client = client;
    this.request = request;
    this.fault = fault;
    this.sink = sink;
  }

  /** Sets out. What the server does is the action's, which ends in {@link #answer}. */
  void begin(boolean refused, Consumer<FakeCall<T>> action) {
    sink.onCancel(this::cancelled);
    synchronized (board) {
      if (refused || fault.kind() == Fault.Kind.REFUSE) {
        serverDone = true;
        board.after(wire.latency(), () -> fail(Failures.refused()));
        return;
      }
      Duration limit = request.longPoll().plus(wire.deadline());
      deadline.update(board.after(limit, () -> fail(Failures.overdue(limit))));
      if (fault.kind() == Fault.Kind.HANG) {
        serverDone = true;
        return;
      }
      board.after(wire.latency(), () -> arrive(action));
    }
  }

  private void arrive(Consumer<FakeCall<T>> action) {
    synchronized (board) {
      if (serverDone) {
        return;
      }
      ServerFailure scripted = fault.failure();
      if (fault.kind() == Fault.Kind.FAIL && scripted != null) {
        answer(List.of(), scripted);
      } else {
        action.accept(this);
      }
    }
  }

  /** Carries an update out; false if the server knows no such task. */
  boolean apply(FakeUpdate update) {
    update.effect = board.apply(update);
    return update.effect != UpdateRecord.Effect.REJECTED;
  }

  /** Sends the answer off; called with the board's monitor held. */
  void answer(List<Item<T>> items, @Nullable ServerFailure failure) {
    if (fault.kind() == Fault.Kind.APPLY_AND_FAIL && failure == null) {
      strand(items);
      board.after(wire.latency(), () -> deliver(List.of(), fault.failure()));
    } else {
      board.after(wire.latency().plus(fault.answerDelay()), () -> deliver(items, failure));
    }
  }

  private void deliver(List<Item<T>> items, @Nullable ServerFailure failure) {
    synchronized (board) {
      boolean arrives = !serverDone && ending == Ending.OPEN;
      serverDone = true;
      if (!arrives) {
        strand(items);
        wire.retire(this);
        return;
      }
      delivering = true;
    }
    for (int i = 0; i < items.size(); i++) {
      if (!handOver(items.get(i))) {
        synchronized (board) {
          strand(items.subList(i, items.size()));
        }
        return;
      }
    }
    boolean ended;
    synchronized (board) {
      ended = settle(failure == null ? Ending.ANSWERED : Ending.FAILED, failure);
    }
    if (ended && failure == null) {
      sink.complete();
    } else if (ended && failure != null) {
      sink.error(failure);
    }
  }

  private boolean handOver(Item<T> item) {
    synchronized (board) {
      if (ending != Ending.OPEN) {
        return false;
      }
      if (item.lease() != null) {
        item.lease().deliveries++;
        board.tell(item.lease().task, item.lease().name() + " reaches " + item.lease().workerId);
      }
    }
    sink.next(item.value());
    return true;
  }

  /** Tells that leases never reach their caller; called with the board's monitor held. */
  void strand(List<Item<T>> items) {
    for (Item<T> item : items) {
      if (item.lease() != null) {
        item.lease().stranded = true;
        board.tell(item.lease().task, "the answer that brings " + item.lease().name() + " is lost");
      }
    }
  }

  /** Fails it towards its caller, unless it has ended or its answer is just being emitted. */
  private void fail(ServerFailure why) {
    synchronized (board) {
      if (delivering || !settle(Ending.FAILED, why)) {
        return;
      }
    }
    sink.error(why);
  }

  /** The connection breaks: what the server has not done yet, it won't do. */
  void sever(ServerFailure why) {
    synchronized (board) {
      if (delivering) {
        return;
      }
      serverDone = true;
      if (waiter != null) {
        board.abandon(waiter);
      }
      wire.retire(this);
      board.after(wire.latency(), () -> fail(why));
    }
  }

  private void cancelled() {
    synchronized (board) {
      settle(Ending.CANCELLED, null);
    }
  }

  private boolean settle(Ending how, @Nullable ServerFailure why) {
    if (ending != Ending.OPEN) {
      return false;
    }
    ending = how;
    failure = why;
    endNanos = board.nanos();
    endOrder = wire.tick();
    deadline.dispose();
    if (sent != null && sent.task != null && how != Ending.ANSWERED) {
      board.tell(sent.task, sent.name() + " ends " + how + (why == null ? "" : ": " + why.text()));
    }
    if (serverDone) {
      wire.retire(this);
    }
    return true;
  }

  /** How it had ended for its caller when another call began. */
  Ending endingBefore(FakeCall<?> other) {
    return endOrder >= 0 && endOrder < other.beginOrder ? ending : Ending.OPEN;
  }

  CallRecord snapshot() {
    return new CallRecord(
        number,
        request.kind(),
        request.region(),
        request.taskType(),
        request.taskId(),
        request.workerId(),
        request.count(),
        request.longPoll(),
        fault.kind() == Fault.Kind.NONE ? null : fault,
        beginNanos / 1_000_000,
        endNanos < 0 ? -1 : endNanos / 1_000_000,
        ending,
        failure);
  }
}
