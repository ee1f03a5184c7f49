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
  private static final ThreadLocal<@Nullable HandlerRun> CURRENT = new ThreadLocal<>();
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
    HandlerRun owner = CURRENT.get();
    return owner == null ? task : () -> run(owner, task);
  }

  /** Runs a part of a handler. A JVM-fatal error ends the handler instead of vanishing. */
  static void run(HandlerRun owner, Runnable part) {
    HandlerRun outer = CURRENT.get();
    Map<String, String> outerMdc = MDC.getCopyOfContextMap();
    CURRENT.set(owner);
    MDC.setContextMap(merged(outerMdc, owner.ids()));
    try {
      part.run();
    } catch (VirtualMachineError | LinkageError fatal) {
      owner.fatal(fatal);
    } finally {
      restore(outer, outerMdc);
    }
  }

  /** Runs what comes after a handler outside its scope, although it is on the handler's stack. */
  static void leave(Runnable rest) {
    HandlerRun outer = CURRENT.get();
    if (outer == null) {
      rest.run();
      return;
    }
    Map<String, String> outerMdc = MDC.getCopyOfContextMap();
    CURRENT.remove();
    MDC.clear();
    try {
      rest.run();
    } finally {
      restore(outer, outerMdc);
    }
  }

  private static void restore(@Nullable HandlerRun outer, @Nullable Map<String, String> outerMdc) {
    if (outer == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(outer);
    }
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
