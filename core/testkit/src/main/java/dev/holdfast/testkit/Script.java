package dev.holdfast.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong with the calls of one kind, in the order in which they begin: first what {@link
 * #next} lined up, then what {@link #always} set. Thread-safe.
 */
public final class Script {

  private final Call call;
  private final Deque<Fault> next = new ArrayDeque<>();
  private @Nullable Fault always;

  Script(Call call) {
    this.call = call;
  }

  /**
   * Adds a fault for one call more.
   *
   * @param fault the fault
   * @return this script
   * @throws IllegalArgumentException if the fault means nothing to this kind of call
   */
  public Script next(Fault fault) {
    return next(1, fault);
  }

  /**
   * Adds a fault for several calls more.
   *
   * @param calls how many
   * @param fault the fault
   * @return this script
   * @throws IllegalArgumentException if the fault means nothing to this kind of call
   */
  public synchronized Script next(int calls, Fault fault) {
    check(fault);
    for (int i = 0; i < calls; i++) {
      next.add(fault);
    }
    return this;
  }

  /**
   * Sets the fault of every call that {@link #next} has nothing for.
   *
   * @param fault the fault
   * @return this script
   * @throws IllegalArgumentException if the fault means nothing to this kind of call
   */
  public synchronized Script always(Fault fault) {
    check(fault);
    always = fault;
    return this;
  }

  /**
   * Forgets everything: calls go well again.
   *
   * @return this script
   */
  public synchronized Script clear() {
    next.clear();
    always = null;
    return this;
  }

  /** The fault of the call that begins now, or null if this script has none for it. */
  synchronized @Nullable Fault take() {
    Fault fault = next.poll();
    return fault != null ? fault : always;
  }

  private void check(Fault fault) {
    if (!fault.suits(call)) {
      throw new IllegalArgumentException(fault + " means nothing to a call of kind " + call);
    }
  }
}
