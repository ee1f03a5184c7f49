package dev.holdfast.worker;

import dev.holdfast.task.Attempt;
import dev.holdfast.task.NonRetryableException;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.Payload;
import dev.holdfast.task.PayloadCodec;
import dev.holdfast.task.Task;
import dev.holdfast.task.TaskContext;
import dev.holdfast.task.TaskHandler;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/**
 * One run of a handler: the boundary behind which a handler may do what it likes. Whatever it does
 * (a value, none, an error, a throw, a JVM-fatal error, no end, an output that can't be encoded)
 * becomes one {@link Ending}; the first one counts.
 */
final class HandlerRun implements CoreSubscriber<Object>, TaskContext {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final int MAX_REASON = 500;

  /** Why a handler was cancelled. */
  enum Cause {
    /** Its deadline passed. */
    TIMED_OUT,
    /** The worker stops. */
    STOPPED,
    /** The task is another attempt's by now, or has ended. */
    NOT_OURS,
    /** The lease may have lapsed. */
    LEASE_LOST
  }

  /** How a run ended. */
  sealed interface Ending {}

  /** By its own doing, or by its deadline. */
  record Ended(Outcome outcome) implements Ending {}

  /** Cancelled, since the worker stops or the lease is lost; there is no outcome. */
  record Stopped(HandlerRun run, Cause cause) implements Ending {}

  private static final int NEW = 0;
  private static final int RUNNING = 1;
  private static final int LEFT = 2;

  private final Lease lease;
  private final Kept kept;
  private final long deadlineNanos;
  private final Execution execution;
  private final MonoSink<Ending> sink;
  private final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();

  /** Whether a thread is in the handler: for one that blocks, that is as long as it runs. */
  private final AtomicInteger presence = new AtomicInteger(NEW);

  // What follows is set only if it is needed, since most runs end before anybody asks.
  private final AtomicReference<Sinks.@Nullable Empty<Void>> cancelSignal = new AtomicReference<>();
  private final AtomicReference<Sinks.@Nullable Empty<Void>> leftSignal = new AtomicReference<>();
  private final AtomicReference<Sinks.@Nullable Empty<Void>> lapseSignal = new AtomicReference<>();
  private volatile boolean lapsed;
  private volatile @Nullable Subscription upstream;
  private volatile @Nullable Disposable scheduled;
  private volatile @Nullable Cause cause;
  private @Nullable Context context;
  private @Nullable Map<String, String> ids;

  HandlerRun(Kept kept, long deadlineNanos, Execution execution, MonoSink<Ending> sink) {
    this.kept = kept;
    this.lease = kept.lease();
    this.deadlineNanos = deadlineNanos;
    this.execution = execution;
    this.sink = sink;
  }

  /** The ids by which logs and contexts name the attempt. */
  Map<String, String> ids() {
    Map<String, String> known = ids;
    if (known == null) {
      known =
          Map.of(
              "holdfast.taskId", lease.task().id(),
              "holdfast.taskType", lease.lane().type(),
              "holdfast.workflowId", lease.task().workflowId(),
              "holdfast.attempt", lease.attempt().toString());
      ids = known;
    }
    return known;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  /** Starts the handler where it belongs. */
  void start() {
    try {
      switch (mode()) {
        case INLINE -> begin();
        case NON_BLOCKING -> scheduled = execution.threads().handlers().schedule(this::begin);
        case BLOCKING -> scheduled = execution.threads().blocking().schedule(this::begin);
      }
    } catch (RejectedExecutionException e) {
      fail("no thread for the handler: earlier ones ignore their interrupt and hold all of them");
    }
    if (ending.get() == null) {
      execution.inFlight().add(this);
      kept.running(deadlineNanos, this::lost);
      if (ending.get() != null) {
        execution.inFlight().remove(this);
        kept.finished();
      }
    }
  }

  /** The keeper's word that the lease is lost. */
  private void lost(Kept.Loss loss) {
    if (loss == Kept.Loss.NOT_OURS) {
      LOG.warn("Task {} is not ours any more: its handler is cancelled", lease.attempt());
      cancel(Cause.NOT_OURS);
      return;
    }
    boolean cancels = lease.lane().spec.cancelsOnLeaseLoss();
    LOG.warn(
        "The lease of {} could not be extended in time: {}",
        lease.attempt(),
        cancels ? "its handler is cancelled" : "its handler goes on, as it is told to");
    lapsed = true;
    try {
      // Whoever listens is the handler's code: it must not hold up the keeper.
      execution.threads().handlers().schedule(() -> raise(lapseSignal));
    } catch (RejectedExecutionException e) {
      LOG.debug("Nobody is left to hear that the lease of {} is lost", lease.attempt());
    }
    if (cancels) {
      cancel(Cause.LEASE_LOST);
    }
  }

  private static void raise(AtomicReference<Sinks.@Nullable Empty<Void>> holder) {
    Sinks.Empty<Void> signal = holder.get();
    if (signal != null) {
      signal.tryEmitEmpty();
    }
  }

  private void begin() {
    if (presence.compareAndSet(NEW, RUNNING)) {
      try {
        HandlerScope.run(this, this::subscribeToHandler);
      } finally {
        if (mode() == TaskHandler.Mode.BLOCKING) {
          leave();
        }
      }
    }
  }

  private void subscribeToHandler() {
    try {
      Mono<?> work = lease.lane().spec.handler().handle(this);
      if (work == null) {
        fail("the handler returned null: expected a Mono");
      } else {
        work.subscribe(this);
      }
    } catch (VirtualMachineError | LinkageError fatal) {
      throw fatal;
    } catch (Throwable thrown) {
      onError(thrown);
    }
  }

  /** Cancels the handler, unless it has ended. */
  void cancel(Cause why) {
    Ending end =
        switch (why) {
          case TIMED_OUT -> new Ended(Outcome.failed("timed out after " + limit()));
          case STOPPED, NOT_OURS, LEASE_LOST -> new Stopped(this, why);
        };
    if (!ending.compareAndSet(null, end)) {
      return;
    }
    cause = why;
    raise(cancelSignal);
    if (presence.compareAndSet(NEW, LEFT)) {
      dispose(scheduled);
    } else if (mode() == TaskHandler.Mode.BLOCKING) {
      cancelUpstream();
      dispose(scheduled);
    } else {
      cancelOnItsOwnThread();
    }
    emit(end);
  }

  /** A handler's reaction to its cancel is its own code: it must not hold up whoever cancels. */
  private void cancelOnItsOwnThread() {
    try {
      execution
          .threads()
          .handlers()
          .schedule(
              () -> {
                HandlerScope.run(this, this::cancelUpstream);
                leave();
              });
    } catch (RejectedExecutionException e) {
      cancelUpstream();
      leave();
    }
  }

  private void cancelUpstream() {
    Subscription running = upstream;
    if (running != null) {
      try {
        running.cancel();
      } catch (VirtualMachineError | LinkageError | RuntimeException thrown) {
        LOG.debug("Cancelling the handler of {} failed", lease.attempt(), thrown);
      }
    }
  }

  private void leave() {
    presence.set(LEFT);
    raise(leftSignal);
  }

  /**
   * Completes when a cancelled handler's code has really ended: for one that blocks when its thread
   * has left it, for a reactive one when its cancel has returned.
   */
  Mono<Void> left() {
    Mono<Void> left = signal(leftSignal);
    if (presence.get() == LEFT) {
      leave();
    }
    return left;
  }

  private static Mono<Void> signal(AtomicReference<Sinks.@Nullable Empty<Void>> holder) {
    holder.compareAndSet(null, Sinks.empty());
    return Objects.requireNonNull(holder.get()).asMono();
  }

  private static void dispose(@Nullable Disposable disposable) {
    if (disposable != null) {
      disposable.dispose();
    }
  }

  Lease lease() {
    return lease;
  }

  /** A JVM-fatal error somewhere in the handler. */
  void fatal(Error error) {
    cancelUpstream();
    fail(reasonOf(error));
    if (error instanceof OutOfMemoryError) {
      execution.onOutOfMemory(error);
    }
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    upstream = subscription;
    if (ending.get() != null) {
      subscription.cancel();
    } else {
      subscription.request(Long.MAX_VALUE);
    }
  }

  @Override
  public void onNext(Object value) {
    end(outcomeOf(value));
  }

  @Override
  public void onError(Throwable error) {
    if (error instanceof Error fatal
        && (fatal instanceof VirtualMachineError || fatal instanceof LinkageError)) {
      fatal(fatal);
    } else if (error instanceof NonRetryableException) {
      end(Outcome.failedForGood(reasonOf(error)));
    } else {
      if (LOG.isDebugEnabled() && ending.get() == null) {
        LOG.debug("Handler of {} failed", lease.attempt(), error);
      }
      fail(reasonOf(error));
    }
  }

  @Override
  public void onComplete() {
    end(outcomeOf(Payload.empty()));
  }

  @Override
  public Context currentContext() {
    Context known = context;
    if (known == null) {
      known = Context.of(sink.contextView()).putAllMap(ids());
      context = known;
    }
    return known;
  }

  private Outcome outcomeOf(Object value) {
    try {
      Outcome outcome = value instanceof Outcome own ? own : Outcome.completed(value);
      return encoded(outcome);
    } catch (RuntimeException e) {
      return Outcome.failedForGood("the output can't be encoded: " + reasonOf(e));
    } catch (StackOverflowError | LinkageError e) {
      return Outcome.failedForGood("the output can't be encoded: " + reasonOf(e));
    }
  }

  private Outcome encoded(Outcome outcome) {
    Payload output = outcome.output();
    if (output == Payload.empty()) {
      return outcome;
    }
    PayloadCodec codec = execution.codec();
    Payload bytes = output.encode(codec);
    if (bytes.size() > execution.maxOutputBytes()) {
      return Outcome.failedForGood(
          "the output has "
              + bytes.size()
              + " bytes: expected at most "
              + execution.maxOutputBytes());
    }
    if (bytes == output) {
      return outcome;
    }
    if (outcome instanceof Outcome.Completed) {
      return new Outcome.Completed(bytes);
    } else if (outcome instanceof Outcome.Failed failed) {
      return new Outcome.Failed(failed.reason(), bytes);
    } else if (outcome instanceof Outcome.FailedForGood failed) {
      return new Outcome.FailedForGood(failed.reason(), bytes);
    }
    return new Outcome.RetryLater(((Outcome.RetryLater) outcome).delay(), bytes);
  }

  private void fail(String reason) {
    end(Outcome.failed(reason));
  }

  private void end(Outcome outcome) {
    Ending end = new Ended(outcome);
    if (ending.compareAndSet(null, end)) {
      emit(end);
    }
  }

  private void emit(Ending end) {
    execution.inFlight().remove(this);
    kept.finished();
    HandlerScope.leave();
    sink.success(end);
  }

  private TaskHandler.Mode mode() {
    return lease.lane().spec.handler().mode();
  }

  private Duration limit() {
    return PollTurns.since(lease.receivedNanos(), deadlineNanos);
  }

  private static String reasonOf(Throwable error) {
    String message = error.getMessage();
    String reason =
        message == null || message.isBlank()
            ? error.getClass().getSimpleName()
            : error instanceof NonRetryableException
                ? message
                : error.getClass().getSimpleName() + ": " + message;
    return reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON - 1) + "…";
  }

  @Override
  public Task task() {
    return lease.task();
  }

  @Override
  public Attempt attempt() {
    return lease.attempt();
  }

  @Override
  public Duration remaining() {
    return PollTurns.since(execution.threads().timer().now(TimeUnit.NANOSECONDS), deadlineNanos);
  }

  @Override
  public boolean isCancelled() {
    return cause != null;
  }

  @Override
  public Mono<Void> cancelled() {
    Mono<Void> signal = signal(cancelSignal);
    if (cause != null) {
      raise(cancelSignal);
    }
    return signal;
  }

  @Override
  public Mono<Void> leaseLost() {
    Mono<Void> signal = signal(lapseSignal);
    if (lapsed) {
      raise(lapseSignal);
    }
    return signal;
  }
}
