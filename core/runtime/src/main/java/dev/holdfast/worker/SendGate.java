package dev.holdfast.worker;

import java.util.Comparator;
import java.util.PriorityQueue;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Bounds how many updates are under way at once; who waits enters in the order of urgency. A result
 * that waits for its retry stands outside and holds no place.
 */
final class SendGate {

  private final PriorityQueue<Waiter> waiting =
      new PriorityQueue<>(
          Comparator.comparingLong(Waiter::urgency).thenComparingLong(Waiter::number));
  private int places;
  private long arrivals;

  SendGate(int places) {
    this.places = places;
  }

  private record Waiter(long urgency, long number, MonoSink<SendGate> sink) {}

  /**
   * Makes a call once there is a place for it, and gives the place back when the call ends or is
   * cancelled.
   *
   * @param urgency the smaller, the sooner
   */
  <T> Mono<T> pass(long urgency, Mono<T> call) {
    return enter(urgency).flatMap(gate -> call.doFinally(end -> gate.leave()));
  }

  private Mono<SendGate> enter(long urgency) {
    return Mono.defer(
        () -> tryEnter() ? Mono.just(this) : Mono.create(sink -> queue(urgency, sink)));
  }

  private synchronized boolean tryEnter() {
    if (places == 0) {
      return false;
    }
    places--;
    return true;
  }

  private void queue(long urgency, MonoSink<SendGate> sink) {
    Waiter waiter;
    synchronized (this) {
      if (places > 0) {
        places--;
        waiter = null;
      } else {
        waiter = new Waiter(urgency, arrivals++, sink);
        waiting.add(waiter);
      }
    }
    if (waiter == null) {
      sink.success(this);
    } else {
      sink.onCancel(() -> forget(waiter));
    }
  }

  private synchronized void forget(Waiter waiter) {
    waiting.remove(waiter);
  }

  private void leave() {
    Waiter next;
    synchronized (this) {
      next = waiting.poll();
      if (next == null) {
        places++;
      }
    }
    if (next != null) {
      next.sink.success(this);
    }
  }

  synchronized int places() {
    return places;
  }
}
