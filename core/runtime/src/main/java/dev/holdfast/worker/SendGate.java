package dev.holdfast.worker;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Bounds how many updates are under way at once; who waits enters in the order of urgency. A result
 * that waits for its retry stands outside and holds no place.
 */
final class SendGate {

  private final Row waiting = new Row();
  private final Queue<Visit<?>> entering = new ConcurrentLinkedQueue<>();
  private final AtomicInteger entrances = new AtomicInteger();
  private int places;
  private long arrivals;

  SendGate(int places) {
    this.places = places;
  }

  /**
   * Makes a call once there is a place for it, and gives the place back when the call ends or is
   * cancelled, at whatever stage, and before anybody downstream hears of it.
   *
   * @param urgency the smaller, the sooner
   * @param call asked for what to do when there is a place
   */
  <T> Mono<T> pass(long urgency, Supplier<Mono<T>> call) {
    return new Mono<>() {
      @Override
      public void subscribe(CoreSubscriber<? super T> actual) {
        Visit<T> visit = new Visit<>(SendGate.this, urgency, call, actual);
        actual.onSubscribe(visit);
        if (arrive(visit)) {
          visit.enter();
        }
      }
    };
  }

  /** Whether there is a place for it now. Whoever has left before it arrived gets none. */
  private synchronized boolean arrive(Visit<?> visit) {
    visit.number = arrivals++;
    if (visit.stage == Stage.GONE) {
      return false;
    }
    if (places == 0) {
      visit.stage = Stage.WAITING;
      waiting.add(visit);
      return false;
    }
    places--;
    visit.stage = Stage.INSIDE;
    return true;
  }

  /** One lets the others in while they leave at once, since a long row of those is a deep stack. */
  private void leave(Visit<?> visit) {
    Visit<?> next = handOver(visit);
    if (next == null) {
      return;
    }
    entering.add(next);
    if (entrances.getAndIncrement() != 0) {
      return;
    }
    do {
      Visit<?> entrant = entering.poll();
      if (entrant != null) {
        entrant.enter();
      }
    } while (entrances.decrementAndGet() != 0);
  }

  /** Who gets the place of one that leaves; one that has none has none to give. */
  private synchronized @Nullable Visit<?> handOver(Visit<?> visit) {
    Stage left = visit.stage;
    visit.stage = Stage.GONE;
    if (left == Stage.WAITING) {
      waiting.remove(visit);
    }
    if (left != Stage.INSIDE) {
      return null;
    }
    Visit<?> next = waiting.poll();
    if (next == null) {
      places++;
    } else {
      next.stage = Stage.INSIDE;
    }
    return next;
  }

  synchronized int places() {
    return places;
  }

  synchronized boolean isDeserted() {
    return waiting.isEmpty();
  }

  /**
   * Who waits, the most urgent first. Nearly all come in that order, and stand in a plain line;
   * only who is more urgent than the last of it must be sorted in.
   */
  private static final class Row {
    private final ArrayDeque<Visit<?>> line = new ArrayDeque<>();
    private final PriorityQueue<Visit<?>> early = new PriorityQueue<>();

    void add(Visit<?> visit) {
      Visit<?> last = line.peekLast();
      if (last == null || visit.compareTo(last) > 0) {
        line.add(visit);
      } else {
        early.add(visit);
      }
    }

    @Nullable Visit<?> poll() {
      Visit<?> first = line.peek();
      Visit<?> other = early.peek();
      boolean inLine = other == null || (first != null && first.compareTo(other) < 0);
      return inLine ? line.poll() : early.poll();
    }

    void remove(Visit<?> visit) {
      if (!early.remove(visit)) {
        line.remove(visit);
      }
    }

    boolean isEmpty() {
      return line.isEmpty() && early.isEmpty();
    }
  }

  private enum Stage {
    COMING,
    WAITING,
    INSIDE,
    GONE
  }

  /** One call, from its arrival until it has left. Its stage is guarded by the gate. */
  private static final class Visit<T>
      implements CoreSubscriber<T>, Subscription, Comparable<Visit<?>> {
    private final SendGate gate;
    private final long urgency;
    private final Supplier<Mono<T>> call;
    private final CoreSubscriber<? super T> actual;
    private final AtomicReference<@Nullable Subscription> upstream = new AtomicReference<>();
    private long number;
    private Stage stage = Stage.COMING;

    Visit(SendGate gate, long urgency, Supplier<Mono<T>> call, CoreSubscriber<? super T> actual) {
      this.gate = gate;
      this.urgency = urgency;
      this.call = call;
      this.actual = actual;
    }

    void enter() {
      Mono<T> now;
      try {
        now = call.get();
      } catch (RuntimeException e) {
        now = Mono.error(e);
      }
      now.subscribe(this);
    }

    @Override
    public Context currentContext() {
      return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      if (upstream.compareAndSet(null, subscription)) {
        subscription.request(Long.MAX_VALUE);
      } else {
        subscription.cancel();
      }
    }

    @Override
    public void onNext(T answer) {
      gate.leave(this);
      actual.onNext(answer);
    }

    @Override
    public void onError(Throwable error) {
      gate.leave(this);
      actual.onError(error);
    }

    @Override
    public void onComplete() {
      gate.leave(this);
      actual.onComplete();
    }

    @Override
    public void request(long n) {
      // A call has one answer, and it is wanted.
    }

    @Override
    public void cancel() {
      Subscription inside = upstream.getAndSet(Operators.cancelledSubscription());
      if (inside != null) {
        inside.cancel();
      }
      gate.leave(this);
    }

    @Override
    public int compareTo(Visit<?> other) {
      int byUrgency = Long.compare(urgency, other.urgency);
      return byUrgency != 0 ? byUrgency : Long.compare(number, other.number);
    }
  }
}
