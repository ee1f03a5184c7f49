package dev.holdfast.testkit;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskClient;
import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.PayloadCodec;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A client of the fake server. */
final class FakeClient implements TaskClient {

  /** How long Conductor lingers before it says that there is no next task. */
  private static final Duration NO_NEXT = Duration.ofMillis(100);

  private final FakeWire wire;
  private final TaskBoard board;
  private final String region;
  private boolean closed;

  FakeClient(FakeWire wire, String region) {
    this.wire = wire;
    this.board = wire.board();
    this.region = region;
  }

  boolean isClosed() {
    synchronized (board) {
      return closed;
    }
  }

  @Override
  public String region() {
    return region;
  }

  @Override
  public PayloadCodec codec() {
    return FakeCodec.INSTANCE;
  }

  @Override
  public Flux<Polled> poll(PollRequest poll) {
    FakeCall.Request request =
        new FakeCall.Request(
            Call.POLL,
            region,
            poll.taskType(),
            null,
            poll.workerId(),
            poll.count(),
            poll.longPoll(),
            null);
    return wire.call(this, () -> request, call -> lease(call, poll));
  }

  private void lease(FakeCall<Polled> call, PollRequest poll) {
    int extra = call.fault.kind() == Fault.Kind.OVER_DELIVER ? call.fault.number() : 0;
    call.waiter = board.poll(poll, extra, region, leases -> hand(call, leases));
  }

  private void hand(FakeCall<Polled> call, List<FakeLease> leases) {
    List<FakeCall.Item<Polled>> items = new ArrayList<>();
    for (FakeLease lease : leases) {
      boolean spoilt =
          call.fault.kind() == Fault.Kind.UNUSABLE && call.fault.number() == items.size() + 1;
      items.add(new FakeCall.Item<>(spoilt ? unusable(lease) : leased(lease), lease));
    }
    switch (call.fault.kind()) {
      case DUPLICATE -> {
        items.addAll(List.copyOf(items));
        call.answer(items, null);
      }
      case CUT -> {
        int kept = Math.min(call.fault.number(), items.size());
        call.strand(items.subList(kept, items.size()));
        call.answer(items.subList(0, kept), Failures.cut());
      }
      default -> call.answer(items, null);
    }
  }

  private static Polled leased(FakeLease lease) {
    return new Polled.Leased(
        parts(lease).input(lease.task.input).output(lease.task.output).build());
  }

  private static Polled unusable(FakeLease lease) {
    return new Polled.Unusable(parts(lease).build(), "inputData is no object");
  }

  private static Task.Builder parts(FakeLease lease) {
    FakeTask task = lease.task;
    TaskTypeSpec spec = lease.spec;
    return Task.builder(task.id, task.queue.taskType())
        .definitionName(task.queue.taskType())
        .referenceName("step")
        .workflowId(task.workflow.id)
        .workflowType("one_" + task.queue.taskType())
        .retryCount(task.retryCount)
        .sequence(1)
        .pollCount(lease.pollCount)
        .domain(task.queue.domain())
        .workerId(lease.workerId)
        .scheduledMillis(task.scheduledMillis)
        .startMillis(task.startMillis)
        .updateMillis(task.updateMillis)
        .responseTimeout(spec.responseTimeout())
        .hardTimeout(spec.hardTimeout())
        .callbackAfter(task.callbackAfter);
  }

  @Override
  public Mono<Void> update(TaskUpdate update) {
    return wire.<Void>call(
            this, () -> updating(Call.UPDATE, update), call -> call.answer(List.of(), report(call)))
        .then();
  }

  @Override
  public Mono<Polled> updateAndPoll(TaskUpdate update) {
    if (!update.isIdempotent()) {
      return Mono.error(
          new IllegalArgumentException(
              "status is " + update.status() + ": expected a terminal one"));
    }
    return wire.<Polled>call(
            this, () -> updating(Call.UPDATE_AND_POLL, update), call -> reportAndLease(call))
        .singleOrEmpty();
  }

  private void reportAndLease(FakeCall<Polled> call) {
    ServerFailure failure = report(call);
    FakeTask task = Objects.requireNonNull(call.sent).task;
    if (failure != null || task == null) {
      call.answer(List.of(), failure);
      return;
    }
    lease(
        call,
        new PollRequest(
            task.queue.taskType(), call.sent.update.workerId(), task.queue.domain(), 1, NO_NEXT));
  }

  private static @Nullable ServerFailure report(FakeCall<?> call) {
    FakeUpdate sent = Objects.requireNonNull(call.sent);
    return call.apply(sent) ? null : Failures.unknownTask(sent.update.taskId());
  }

  private FakeCall.Request updating(Call kind, TaskUpdate update) {
    return new FakeCall.Request(
        kind,
        region,
        typeOf(update.taskId()),
        update.taskId(),
        update.workerId(),
        kind == Call.UPDATE_AND_POLL ? 1 : 0,
        Duration.ZERO,
        update);
  }

  @Override
  public Mono<Void> extendLease(String taskId, String workflowId, String workerId) {
    return this.<Void>about(
            Call.EXTEND,
            taskId,
            workerId,
            call -> {
              FakeTask task = board.find(taskId);
              if (task == null || !task.workflow.id.equals(workflowId)) {
                call.answer(List.of(), Failures.unknownTask(taskId));
              } else {
                board.extend(task);
                call.answer(List.of(), null);
              }
            })
        .then();
  }

  @Override
  public Mono<Void> log(String taskId, String text) {
    return this.<Void>about(
            Call.LOG,
            taskId,
            null,
            call -> {
              FakeTask task = board.find(taskId);
              if (task != null) {
                task.logs.add(text);
              }
              call.answer(List.of(), null);
            })
        .then();
  }

  @Override
  public Mono<TaskState> find(String taskId) {
    return this.<TaskState>about(
            Call.FIND,
            taskId,
            null,
            call -> {
              FakeTask task = board.find(taskId);
              call.answer(
                  task == null ? List.of() : List.of(new FakeCall.Item<>(task.state(), null)),
                  null);
            })
        .singleOrEmpty();
  }

  @Override
  public Mono<Long> queueSize(String taskType, @Nullable String domain) {
    FakeCall.Request request =
        new FakeCall.Request(Call.QUEUE_SIZE, region, taskType, null, null, 0, Duration.ZERO, null);
    return wire.<Long>call(
            this,
            () -> request,
            call -> {
              long size = board.queued(new QueueKey(taskType, domain));
              call.answer(List.of(new FakeCall.Item<>(size, null)), null);
            })
        .singleOrEmpty();
  }

  private <T> Flux<T> about(
      Call kind, String taskId, @Nullable String workerId, Consumer<FakeCall<T>> action) {
    return wire.call(
        this,
        () ->
            new FakeCall.Request(
                kind, region, typeOf(taskId), taskId, workerId, 0, Duration.ZERO, null),
        action);
  }

  private @Nullable String typeOf(String taskId) {
    FakeTask task = board.find(taskId);
    return task == null ? null : task.queue.taskType();
  }

  @Override
  public Mono<Void> close() {
    return Mono.fromRunnable(
        () -> {
          synchronized (board) {
            closed = true;
            wire.sever(call -> call.client == this, Failures.closed());
          }
        });
  }
}
