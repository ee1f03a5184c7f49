package dev.holdfast.worker;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What a worker has done, over all its runs. */
final class Counters {
  final LongAdder polled = new LongAdder();
  final LongAdder started = new LongAdder();
  final LongAdder completed = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder released = new LongAdder();
  final LongAdder delivered = new LongAdder();
  final LongAdder rejected = new LongAdder();
  final LongAdder late = new LongAdder();
  final LongAdder abandoned = new LongAdder();
  final AtomicInteger running = new AtomicInteger();
  final AtomicInteger polling = new AtomicInteger();
  final AtomicInteger outbox = new AtomicInteger();
  final LongAdder droppedEvents = new LongAdder();

  WorkerStats snapshot() {
    return new WorkerStats(
        polled.sum(),
        started.sum(),
        completed.sum(),
        failed.sum(),
        released.sum(),
        delivered.sum(),
        rejected.sum(),
        late.sum(),
        abandoned.sum(),
        outbox.get(),
        running.get(),
        polling.get(),
        droppedEvents.sum());
  }
}
