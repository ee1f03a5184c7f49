package dev.holdfast.local;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.MonoSink;

/**
 * The long polls that wait, by queue, first come first served. One waits only while its queue is
 * empty, and is answered with the first task that comes: Conductor's would wait for all that were
 * asked for. Confined to its owner.
 */
final class Waiters {

  /** A poll that has not been answered. */
  static final class Waiter {
    final QueueKey queue;
    final @Nullable String workerId;
    final int count;
    final MonoSink<List<TaskView>> to;
    final Disposable.Swap timer = Disposables.swap();

    /** What it was given, before anybody knows of it. */
    List<TaskView> leased = List.of();

    /** Set by whoever cancels, on any thread. */
    volatile boolean isGone;

    Waiter(QueueKey queue, @Nullable String workerId, int count, MonoSink<List<TaskView>> to) {
      this.queue = queue;
      this.workerId = workerId;
      this.count = count;
      this.to = to;
    }
  }

  private final Map<QueueKey, Deque<Waiter>> waiting = new HashMap<>();

  void add(Waiter waiter) {
    waiting.computeIfAbsent(waiter.queue, key -> new ArrayDeque<>()).add(waiter);
  }

  /**
   * Takes the poll out whose turn it is, or null; those whose clients have gone are passed over.
   */
  @Nullable Waiter take(QueueKey queue) {
    Deque<Waiter> all = waiting.get(queue);
    while (all != null && !all.isEmpty()) {
      Waiter first = all.remove();
      end(first, all);
      if (!first.isGone) {
        return first;
      }
    }
    return null;
  }

  /** Takes a poll out, and answers whether it was still waiting. */
  boolean remove(Waiter waiter) {
    Deque<Waiter> all = waiting.get(waiter.queue);
    if (all == null || !all.remove(waiter)) {
      return false;
    }
    end(waiter, all);
    return true;
  }

  /** Takes all out. */
  List<Waiter> clear() {
    List<Waiter> all = new ArrayList<>();
    waiting.values().forEach(all::addAll);
    waiting.clear();
    all.forEach(waiter -> waiter.timer.dispose());
    return all;
  }

  private void end(Waiter waiter, Deque<Waiter> all) {
    waiter.timer.dispose();
    if (all.isEmpty()) {
      waiting.remove(waiter.queue);
    }
  }
}
