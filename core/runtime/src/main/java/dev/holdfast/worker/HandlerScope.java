package dev.holdfast.worker;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import reactor.core.scheduler.Schedulers;

/**
 * What follows a handler from thread to thread: its ids in the MDC, and a guard for JVM-fatal
 * errors.
 *
 * <p>Reactor does not turn a {@code LinkageError} or {@code StackOverflowError} into a signal: it
 * throws it up the stack, and on a scheduler's thread nobody downstream ever hears of it. So while
 * a worker runs, a keyed hook on Reactor's schedulers wraps what a handler schedules, and only
 * that: everything else passes through the hook after one thread-local read.
 */
final class HandlerScope {

  private static final String HOOK = "dev.holdfast.worker.HandlerScope";

  /** A cell per thread: a class of the JDK's, so that a pool's thread keeps none of ours. */
  private static final ThreadLocal<@Nullable Object[]> CURRENT =
      ThreadLocal.withInitial(() -> new Object[1]);

  private static final AtomicInteger USERS = new AtomicInteger();

  private HandlerScope() {}

  /** Installs the hook for one more worker. */
  static void retain() {
    if (USERS.getAndIncrement() == 0) {
      Schedulers.onScheduleHook(HOOK, HandlerScope::wrap);
    }
  }

  /** Takes the hook out after the last worker. */
  static void release() {
    if (USERS.decrementAndGet() == 0) {
      Schedulers.resetOnScheduleHook(HOOK);
    }
  }

  private static Runnable wrap(Runnable task) {
    HandlerRun owner = (HandlerRun) CURRENT.get()[0];
    return owner == null ? task : () -> run(owner, task);
  }

  /** Runs a part of a handler. A JVM-fatal error ends the handler instead of vanishing. */
  static void run(HandlerRun owner, Runnable part) {
    @Nullable Object[] current = CURRENT.get();
    Object outer = current[0];
    Map<String, String> outerMdc = MDC.getCopyOfContextMap();
    current[0] = owner;
    MDC.setContextMap(merged(outerMdc, owner.ids()));
    try {
      part.run();
    } catch (VirtualMachineError | LinkageError fatal) {
      owner.fatal(fatal);
    } finally {
      current[0] = outer;
      restore(outerMdc);
    }
  }

  /**
   * Leaves the scope of a handler that has ended, for what comes after it on its stack. What the
   * handler does from there on is no longer named or guarded.
   */
  static void leave() {
    @Nullable Object[] current = CURRENT.get();
    if (current[0] != null) {
      current[0] = null;
      MDC.clear();
    }
  }

  private static void restore(@Nullable Map<String, String> outerMdc) {
    if (outerMdc == null || outerMdc.isEmpty()) {
      MDC.clear();
    } else {
      MDC.setContextMap(outerMdc);
    }
  }

  private static Map<String, String> merged(
      @Nullable Map<String, String> outer, Map<String, String> own) {
    if (outer == null || outer.isEmpty()) {
      return own;
    }
    Map<String, String> both = new HashMap<>(outer);
    both.putAll(own);
    return both;
  }
}
