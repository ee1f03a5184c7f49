package dev.holdfast.worker;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;

/**
 * The slots of a worker and the turns to poll for them. A poll leases, so a turn is given only with
 * a place reserved for everything that it asks for: a slot of its type, a slot of the worker, and
 * room in the outbox.
 *
 * <p>Places may be freed on any thread. Turns are given by one owner at a time: whoever signals
 * while another decides makes it decide again, so no signal is lost and a freed slot is used at
 * once. Before anybody polls, leases that a server delivered beyond what was asked get their place.
 */
final class PollTurns {

  /** How many polls may wait at the server at once. */
  private static final int MAX_SCOUTS = 8;

  private final List<Lane> lanes;
  private final Scheduler timer;
  private final int slots;
  private final int outboxCapacity;
  private final int maxScouts;
  private final AtomicInteger freeSlots;
  private final AtomicInteger freeOutbox;
  private final AtomicInteger scouts = new AtomicInteger();
  private final AtomicInteger signals = new AtomicInteger();
  private final Queue<Surplus> surplus = new ConcurrentLinkedQueue<>();
  private final AtomicInteger surplusCount = new AtomicInteger();
  private final Disposable.Swap wakeUp = Disposables.swap();
  private long wakeUpAtNanos;
  private boolean wakeUpSet;
  private volatile boolean closed;

  PollTurns(List<Lane> lanes, int slots, int outboxCapacity, Scheduler timer) {
    this.lanes = lanes;
    this.timer = timer;
    this.slots = slots;
    this.outboxCapacity = outboxCapacity;
    this.maxScouts = Math.max(1, Math.min(MAX_SCOUTS, slots / 2));
    this.freeSlots = new AtomicInteger(slots);
    this.freeOutbox = new AtomicInteger(outboxCapacity);
  }

  private record Surplus(Lane lane, MonoSink<Boolean> sink) {}

  /**
   * Waits for a turn. Cold; one at a time per lane.
   *
   * @return the ticket, to be closed; empty once polling has ended
   */
  Mono<PollTicket> next(Lane lane) {
    return Mono.create(
        sink -> {
          lane.waiting.set(sink);
          sink.onCancel(() -> lane.waiting.compareAndSet(sink, null));
          signal();
        });
  }

  /**
   * Waits for a place for a lease that came without one.
   *
   * @return true once it has one; false if polling has ended or too many wait already, and then it
   *     is to be released
   */
  Mono<Boolean> admit(Lane lane) {
    return Mono.create(
        sink -> {
          if (closed || surplusCount.incrementAndGet() > slots) {
            surplusCount.decrementAndGet();
            sink.success(false);
            return;
          }
          Surplus mine = new Surplus(lane, sink);
          surplus.add(mine);
          sink.onCancel(() -> forget(mine));
          signal();
        });
  }

  /** Takes room for a result of an earlier run. */
  void takeOutbox() {
    freeOutbox.decrementAndGet();
  }

  /** Takes a place that may not be there, for a lease that is handed back at once. */
  void takeBeyond(Lane lane) {
    reserve(lane, 1);
  }

  /** Gives a slot back: its attempt is recorded. */
  void freeSlot(Lane lane) {
    lane.free.incrementAndGet();
    freeSlots.incrementAndGet();
    signal();
  }

  /**
   * Keeps the slot of a recorded attempt for the next task of its type, which the update of its
   * result is to bring. Only while the type has a backlog, for asking in vain takes longer, and
   * while nobody else has a better claim to the slot.
   *
   * @return the ticket, to be closed; null if the slot is to be {@linkplain #freeSlot freed}
   */
  @Nullable PollTicket keepSlot(Lane lane) {
    if (closed || !lane.hot || !surplus.isEmpty() || PollPlan.isOtherDue(lanes, lane, now())) {
      return null;
    }
    if (freeOutbox.decrementAndGet() < 0) {
      freeOutbox.incrementAndGet();
      return null;
    }
    return PollTicket.forUpdate(this, lane);
  }

  /** Gives room in the outbox back: its entry is out. */
  void freeOutbox() {
    if (freeOutbox.incrementAndGet() <= slots) {
      signal();
    }
  }

  /** Ends a turn: what it reserved and did not use is free again. */
  void end(PollTicket ticket, boolean cut) {
    int unused = Math.max(0, ticket.count - ticket.received());
    Lane lane = ticket.lane;
    if (!ticket.byUpdate && !ticket.isUnasked()) {
      lane.learn(ticket.count, ticket.received(), ticket.longPoll(), cut, now());
    } else if (ticket.byUpdate && unused > 0) {
      lane.hot = false;
    }
    lane.free.addAndGet(unused);
    freeSlots.addAndGet(unused);
    freeOutbox.addAndGet(unused);
    if (ticket.isScout()) {
      scouts.decrementAndGet();
    }
    signal();
  }

  /** Ends polling: nobody gets a turn any more, and whoever waits for one is told. */
  void close() {
    closed = true;
    signal();
  }

  boolean isClosed() {
    return closed;
  }

  /** Slots that are taken, by a running task or by a poll in flight. */
  int taken() {
    return slots - freeSlots.get();
  }

  int outboxTaken() {
    return outboxCapacity - freeOutbox.get();
  }

  private void signal() {
    if (signals.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      serveSurplus();
      serveTurns();
      missed = signals.addAndGet(-missed);
    } while (missed != 0);
  }

  private void serveSurplus() {
    if (surplus.isEmpty()) {
      return;
    }
    for (Iterator<Surplus> waiting = surplus.iterator(); waiting.hasNext(); ) {
      Surplus next = waiting.next();
      boolean place = !closed && freePlaces() > 0 && next.lane.free.get() > 0;
      if ((place || closed) && surplus.remove(next)) {
        surplusCount.decrementAndGet();
        if (place) {
          reserve(next.lane, 1);
        }
        next.sink.success(place);
      }
    }
  }

  private void forget(Surplus waiting) {
    if (surplus.remove(waiting)) {
      surplusCount.decrementAndGet();
    }
  }

  private void serveTurns() {
    while (true) {
      if (closed) {
        wakeUp.dispose();
        lanes.forEach(PollTurns::dismiss);
        return;
      }
      PollPlan.Decision decision =
          PollPlan.decide(lanes, freePlaces(), scouts.get(), maxScouts, now());
      if (decision instanceof PollPlan.WaitUntil pause) {
        wakeUpAt(pause.nanos());
        return;
      }
      grant((PollPlan.Grant) decision);
    }
  }

  private void grant(PollPlan.Grant grant) {
    Lane lane = grant.lane();
    MonoSink<PollTicket> sink = lane.waiting.getAndSet(null);
    if (sink == null) {
      return;
    }
    lane.asked = true;
    lane.askedAtNanos = now();
    reserve(lane, grant.count());
    PollTicket ticket = PollTicket.forPoll(this, lane, grant.count(), grant.longPoll());
    if (ticket.isScout()) {
      scouts.incrementAndGet();
    }
    sink.success(ticket);
  }

  private static void dismiss(Lane lane) {
    MonoSink<PollTicket> sink = lane.waiting.getAndSet(null);
    if (sink != null) {
      sink.success();
    }
  }

  private int freePlaces() {
    return Math.min(freeSlots.get(), freeOutbox.get());
  }

  private void reserve(Lane lane, int count) {
    lane.free.addAndGet(-count);
    freeSlots.addAndGet(-count);
    freeOutbox.addAndGet(-count);
  }

  private void wakeUpAt(long nanos) {
    boolean sooner = wakeUpSet && wakeUpAtNanos - nanos <= 0 && wakeUpAtNanos - now() > 0;
    if (nanos == Long.MAX_VALUE || sooner) {
      return;
    }
    wakeUpAtNanos = nanos;
    wakeUpSet = true;
    long delay = Math.max(0, nanos - now());
    wakeUp.update(timer.schedule(this::signal, delay, TimeUnit.NANOSECONDS));
  }

  private long now() {
    return timer.now(TimeUnit.NANOSECONDS);
  }

  static Duration since(long thenNanos, long nowNanos) {
    return Duration.ofNanos(Math.max(0, nowNanos - thenNanos));
  }
}
