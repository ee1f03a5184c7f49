package dev.holdfast.task;

import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Does the work of one task type.
 *
 * <p>{@link #handle} is called once per attempt. What it emits is the outcome: an {@link Outcome}
 * is taken as it is, a {@link Payload}, map, bean or record is the output of a completed task, an
 * empty mono completes it without output, an error fails it ({@link NonRetryableException} for
 * good). Whatever a handler does, JVM-fatal errors included, becomes an outcome; an {@link
 * OutOfMemoryError} also ends the worker.
 *
 * <p>The returned mono is cancelled at the attempt's deadline and when the worker must stop. In its
 * Reactor context, and in the MDC of the threads of Reactor's schedulers that it moves to, stand
 * {@code holdfast.taskId}, {@code holdfast.taskType}, {@code holdfast.workflowId} and {@code
 * holdfast.attempt}.
 *
 * <p>Delivery is at least once: use {@link TaskContext#idempotencyKey()} for side effects.
 */
@FunctionalInterface
public interface TaskHandler {

  /** Where a handler runs. */
  enum Mode {
    /**
     * On the worker's own non-blocking threads, apart from those that poll and update: a handler
     * that blocks by mistake freezes neither.
     */
    NON_BLOCKING,
    /** On the thread that read the poll's answer: fastest, for handlers that never block. */
    INLINE,
    /** On a thread of its own, one per slot; a virtual thread where the JVM has them. */
    BLOCKING
  }

  /**
   * Starts the work of one attempt.
   *
   * @param context the attempt
   * @return a cold mono of the outcome or the output
   * @throws Exception like an error that the mono emits
   */
  Mono<?> handle(TaskContext context) throws Exception;

  /** {@return where this handler runs} */
  default Mode mode() {
    return Mode.NON_BLOCKING;
  }

  /**
   * A handler of the raw input.
   *
   * @param fn from the attempt to a mono of its outcome or output
   * @return the handler
   */
  static TaskHandler of(Function<? super TaskContext, ? extends Mono<?>> fn) {
    Objects.requireNonNull(fn, "fn");
    return fn::apply;
  }

  /**
   * A handler of decoded input. Input that is not of the type fails the task for good, since every
   * retry would read the same.
   *
   * @param <T> the input's type
   * @param type the input's type
   * @param fn from the input to a mono of the outcome or output
   * @return the handler
   */
  static <T> TaskHandler typed(Class<T> type, Function<? super T, ? extends Mono<?>> fn) {
    Objects.requireNonNull(fn, "fn");
    return typed(type, (input, context) -> fn.apply(input));
  }

  /**
   * A handler of decoded input and the attempt. Input that is not of the type fails the task for
   * good.
   *
   * @param <T> the input's type
   * @param type the input's type
   * @param fn from the input and the attempt to a mono of the outcome or output
   * @return the handler
   */
  static <T> TaskHandler typed(
      Class<T> type, BiFunction<? super T, ? super TaskContext, ? extends Mono<?>> fn) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(fn, "fn");
    return context -> fn.apply(Handlers.input(context, type), context);
  }

  /**
   * A handler that blocks. It is interrupted when the attempt is cancelled.
   *
   * @param fn from the attempt to its outcome or output; null completes without output
   * @return the handler
   */
  static TaskHandler blocking(BlockingFunction<? super TaskContext> fn) {
    Objects.requireNonNull(fn, "fn");
    return new Handlers.Moded(context -> Handlers.call(fn, context), Mode.BLOCKING);
  }

  /**
   * A handler of decoded input that blocks. Input that is not of the type fails the task for good.
   *
   * @param <T> the input's type
   * @param type the input's type
   * @param fn from the input to the outcome or output; null completes without output
   * @return the handler
   */
  static <T> TaskHandler blocking(Class<T> type, BlockingFunction<? super T> fn) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(fn, "fn");
    return blocking(context -> fn.apply(Handlers.input(context, type)));
  }

  /**
   * Runs a handler on the thread that read the poll's answer. It must never block: while it does,
   * polls, updates and leases on that thread stand still.
   *
   * @param handler a handler that never blocks
   * @return the handler
   * @throws IllegalArgumentException if it was made by {@link #blocking}
   */
  static TaskHandler inline(TaskHandler handler) {
    Objects.requireNonNull(handler, "handler");
    if (handler.mode() == Mode.BLOCKING) {
      throw new IllegalArgumentException(
          "the handler blocks: expected one that may run on the thread that read the poll's answer");
    }
    return new Handlers.Moded(handler, Mode.INLINE);
  }

  /**
   * A function that may block and may throw.
   *
   * @param <A> what it is given
   */
  @FunctionalInterface
  interface BlockingFunction<A> {
    /**
     * Does the work.
     *
     * @param argument what it is given
     * @return the outcome or output, or null for none
     * @throws Exception fails the task
     */
    @Nullable Object apply(A argument) throws Exception;
  }
}
