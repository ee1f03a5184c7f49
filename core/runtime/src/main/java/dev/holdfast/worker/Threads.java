package dev.holdfast.worker;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.NonBlocking;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The threads of one run, shared with no other worker.
 *
 * <p>Handlers share one queue, unlike on Reactor's own schedulers, which pin a task to a thread: so
 * one that blocks by mistake holds up no other while a thread is free. Closing lets what runs run
 * out and interrupts nothing, since the run may end on one of these threads.
 */
final class Threads {

  private static final int KEEP_ALIVE_SECONDS = 10;

  private final Scheduler timer;
  private final Scheduler handlers;
  private final Supplier<Scheduler> newBlocking;
  private final List<ExecutorService> owned = new ArrayList<>();
  private @Nullable Scheduler blocking;
  private boolean closed;

  private Threads(Scheduler scheduler) {
    this.timer = scheduler;
    this.handlers = scheduler;
    this.newBlocking = () -> scheduler;
  }

  private Threads(int slots) {
    this.timer = own(nonBlocking(1, "holdfast-timer"));
    this.handlers =
        own(nonBlocking(Runtime.getRuntime().availableProcessors(), "holdfast-handler"));
    this.newBlocking = () -> own(blockingThreads(slots));
  }

  /** A run's own threads, or the scheduler that it is given, which stays its giver's. */
  static Threads of(int slots, @Nullable Supplier<? extends Scheduler> given) {
    return given == null ? new Threads(slots) : new Threads(given.get());
  }

  private Scheduler own(ExecutorService executor) {
    owned.add(executor);
    return Schedulers.fromExecutorService(executor);
  }

  Scheduler timer() {
    return timer;
  }

  Scheduler handlers() {
    return handlers;
  }

  /** Made when the first handler that blocks is started. */
  synchronized Scheduler blocking() {
    if (blocking == null) {
      if (closed) {
        throw new RejectedExecutionException("the worker has ended");
      }
      blocking = newBlocking.get();
    }
    return blocking;
  }

  /** On a thread of its own, since an executor's shutdown takes a lock. */
  synchronized void close() {
    closed = true;
    List<ExecutorService> ending = List.copyOf(owned);
    if (!ending.isEmpty()) {
      named("holdfast-closing", false)
          .newThread(() -> ending.forEach(ExecutorService::shutdown))
          .start();
    }
  }

  /** Scheduled ones even for handlers: BlockHound knows that their idle threads may wait. */
  private static ExecutorService nonBlocking(int threads, String name) {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(threads, named(name, true));
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return executor;
  }

  /**
   * Twice as many threads as slots at most: a slot is free once its deadline has passed, while a
   * handler that ignores its interrupt holds its thread still.
   */
  private static ExecutorService blockingThreads(int slots) {
    ExecutorService virtual = virtual();
    if (virtual != null) {
      return virtual;
    }
    return new ThreadPoolExecutor(
        0,
        2 * slots,
        KEEP_ALIVE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        named("holdfast-blocking", false));
  }

  private static @Nullable ExecutorService virtual() {
    if (Runtime.version().feature() < 21) {
      return null;
    }
    try {
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("this JVM has virtual threads but no executor of them", e);
    }
  }

  private static ThreadFactory named(String name, boolean nonBlocking) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      String full = name + "-" + number.incrementAndGet();
      Thread thread = nonBlocking ? new NonBlockingThread(task, full) : new Thread(task, full);
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Reactor refuses to block on such a thread. */
  private static final class NonBlockingThread extends Thread implements NonBlocking {
    NonBlockingThread(Runnable task, String name) {
      super(task, name);
    }
  }
}
