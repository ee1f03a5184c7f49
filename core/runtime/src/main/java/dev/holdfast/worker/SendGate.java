package dev.holdfast.worker;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Bounds how many updates are under way at once; who waits enters in the order of urgency. A result
 * that waits for its retry stands outside and holds no place.
 */
final class SendGate {

  private final PriorityQueue<Visit> waiting =
      new PriorityQueue<>(
          Comparator.<Visit>comparingLong(visit -> visit.urgency)
              .thenComparingLong(visit -> visit.number));
  private int places;
  private long arrivals;

  SendGate(int places) {
    this.places = places;
  }

  /** One call, from its arrival until it has left. Its state is guarded by the gate. */
  private static final class Visit {
    final long urgency;
    final long number;

    /** Told when its turn comes; null for one that needed not wait. */
    final Sinks.@Nullable Empty<Void> turn;

    boolean waits;

    Visit(long urgency, long number, boolean waits) {
      this.urgency = urgency;
      this.number = number;
      this.waits = waits;
      this.turn = waits ? Sinks.empty() : null;
    }
  }

  /**
   * Makes a call once there is a place for it, and gives the place back when the call ends or is
   * cancelled, at whatever stage.
   *
   * @param urgency the smaller, the sooner
   */
  <T> Mono<T> pass(long urgency, Mono<T> call) {
    return Mono.using(
        () -> arrive(urgency),
        visit -> visit.turn == null ? call : visit.turn.asMono().then(call),
        this::leave,
        false);
  }

  private synchronized Visit arrive(long urgency) {
    Visit visit = new Visit(urgency, arrivals++, places == 0);
    if (visit.waits) {
      waiting.add(visit);
    } else {
      places--;
    }
    return visit;
  }

  private void leave(Visit visit) {
    Visit next = handOver(visit);
    if (next != null && next.turn != null) {
      next.turn.tryEmitEmpty();
    }
  }

  /** Who gets the place of one that leaves; one that still waited has none to give. */
  private synchronized @Nullable Visit handOver(Visit visit) {
    if (visit.waits) {
      waiting.remove(visit);
      return null;
    }
    Visit next = waiting.poll();
    if (next == null) {
      places++;
    } else {
      next.waits = false;
    }
    return next;
  }

  synchronized int places() {
    return places;
  }
}
