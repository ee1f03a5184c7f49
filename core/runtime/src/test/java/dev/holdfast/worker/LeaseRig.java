package dev.holdfast.worker;

import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A lease keeper on virtual time, whose clock can jump, before a server that does as it is told.
 */
final class LeaseRig implements LeaseKeeper.Calls, Scheduler {

  static final String WORKER = "worker-1";
  static final Duration CALL = Duration.ofSeconds(15);

  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  private final AtomicLong jumped = new AtomicLong();
  private final long start;

  /** When requests were sent, in milliseconds since the start. */
  final List<Long> extensions = new CopyOnWriteArrayList<>();

  final List<Long> lookUps = new CopyOnWriteArrayList<>();
  final List<String> extended = new CopyOnWriteArrayList<>();
  final List<Boolean> urgency = new CopyOnWriteArrayList<>();
  final List<Kept.Loss> losses = new CopyOnWriteArrayList<>();
  final AtomicInteger timers = new AtomicInteger();
  final AtomicInteger fired = new AtomicInteger();
  final AtomicInteger underWay = new AtomicInteger();
  final AtomicInteger mostUnderWay = new AtomicInteger();

  /** What calls wait for before they are sent, as in an outage. */
  volatile Mono<Void> gate = Mono.empty();

  volatile Function<Lease, Mono<Void>> onExtend = lease -> Mono.empty();
  volatile Function<Lease, Mono<TaskState>> onFind = lease -> Mono.just(held(lease));

  /** Set by a test once the lease has ended, and whether a request was begun after that. */
  volatile boolean ended;

  volatile boolean begunLate;
  final LeaseKeeper keeper;

  LeaseRig() {
    this(() -> 0);
  }

  LeaseRig(DoubleSupplier random) {
    this(random, 0);
  }

  LeaseRig(DoubleSupplier random, long startNanos) {
    this.start = startNanos;
    this.keeper = new LeaseKeeper(CALL, WORKER, this, this, random);
  }

  static ServerFailure failure(ServerFailure.Kind kind) {
    return ServerFailure.of(kind, "no", null);
  }

  static TaskState held(Lease lease) {
    return state(lease, TaskStatus.IN_PROGRESS, lease.task().pollCount(), WORKER);
  }

  static TaskState state(Lease lease, TaskStatus status, int pollCount, String workerId) {
    return new TaskState(lease.task().id(), "w", status, pollCount, workerId);
  }

  Lease lease(String id, long responseSeconds, UnaryOperator<Task.Builder> more) {
    Task.Builder task =
        Task.builder(id, "greet")
            .workflowId("w")
            .pollCount(3)
            .responseTimeout(Duration.ofSeconds(responseSeconds));
    Polled polled = new Polled.Leased(more.apply(task).build());
    return Lease.of(Lanes.of("greet", 10), polled, "west", true, nanos());
  }

  Kept keep(long responseSeconds) {
    return keeper.keep(lease("t", responseSeconds, task -> task));
  }

  Kept run(long responseSeconds) {
    return run(responseSeconds, Duration.ofDays(1));
  }

  Kept run(long responseSeconds, Duration limit) {
    return start(keep(responseSeconds), limit);
  }

  Kept start(Kept kept, Duration limit) {
    kept.running(nanos() + limit.toNanos(), losses::add);
    return kept;
  }

  LeaseRig advance(Duration duration) {
    time.advanceTimeBy(duration);
    return this;
  }

  /** To that many milliseconds since the start. */
  void advanceTo(long millis) {
    advance(Duration.ofMillis(millis - millis()));
  }

  /**
   * The clock goes on and nobody runs: what was to run meanwhile runs late.
   *
   * @param next how long until the next timer was to fire
   */
  void suspend(Duration total, Duration next) {
    jumped.addAndGet(total.minus(next).toNanos());
    advance(next);
  }

  long millis() {
    return Duration.ofNanos(nanos() - start).toMillis();
  }

  private long nanos() {
    return now(TimeUnit.NANOSECONDS);
  }

  /** The pauses between what happened, the first from the start. */
  static List<Long> gaps(List<Long> instants) {
    List<Long> gaps = new ArrayList<>();
    long before = 0;
    for (long instant : instants) {
      gaps.add(instant - before);
      before = instant;
    }
    return gaps;
  }

  @Override
  public Mono<Void> extend(Lease lease, BooleanSupplier begin) {
    return send(
        begin,
        () -> {
          extensions.add(millis());
          extended.add(lease.task().id());
          return onExtend.apply(lease);
        });
  }

  @Override
  public Mono<TaskState> find(Lease lease, boolean urgent, BooleanSupplier begin) {
    return send(
        begin,
        () -> {
          lookUps.add(millis());
          urgency.add(urgent);
          return onFind.apply(lease);
        });
  }

  private <T> Mono<T> send(BooleanSupplier begin, Supplier<Mono<T>> call) {
    return gate.then(
        Mono.defer(
            () -> {
              boolean over = ended;
              if (!begin.getAsBoolean()) {
                return Mono.empty();
              }
              begunLate |= over;
              mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
              return call.get()
                  .doOnTerminate(underWay::decrementAndGet)
                  .doOnCancel(underWay::decrementAndGet);
            }));
  }

  @Override
  public Disposable schedule(Runnable task) {
    return time.schedule(task);
  }

  @Override
  public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
    timers.incrementAndGet();
    return time.schedule(
        () -> {
          fired.incrementAndGet();
          task.run();
        },
        delay,
        unit);
  }

  @Override
  public Worker createWorker() {
    return time.createWorker();
  }

  @Override
  public long now(TimeUnit unit) {
    long nanos = start + jumped.get() + time.now(TimeUnit.NANOSECONDS);
    return unit.convert(nanos, TimeUnit.NANOSECONDS);
  }
}
