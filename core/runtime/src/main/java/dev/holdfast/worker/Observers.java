package dev.holdfast.worker;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Schedulers;

/**
 * Tells observers what happens. Each has a bounded buffer of its own and is served on a thread of
 * its own, so that one that is slow loses its own events, which are counted, and one that throws
 * ends its own subscription.
 */
final class Observers {

  private static final int BUFFER = 1_024;

  private final List<FluxSink<WorkerEvent>> sinks = new CopyOnWriteArrayList<>();
  private final Counters counters;

  Observers(Counters counters) {
    this.counters = counters;
  }

  /** Emits an event, which is made only if somebody observes. */
  void emit(Supplier<? extends WorkerEvent> event) {
    if (!sinks.isEmpty()) {
      WorkerEvent made = event.get();
      for (FluxSink<WorkerEvent> sink : sinks) {
        sink.next(made);
      }
    }
  }

  /** The events from the subscription on. Never completes by itself. */
  Flux<WorkerEvent> events() {
    return Flux.using(
        Observers::newThread,
        thread ->
            Flux.<WorkerEvent>create(this::register, FluxSink.OverflowStrategy.IGNORE)
                .onBackpressureBuffer(
                    BUFFER,
                    dropped -> counters.droppedEvents.increment(),
                    BufferOverflowStrategy.DROP_LATEST)
                .publishOn(Schedulers.fromExecutorService(thread), 1),
        ExecutorService::shutdown);
  }

  private static ExecutorService newThread() {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, "holdfast-events");
          thread.setDaemon(true);
          return thread;
        });
  }

  private void register(FluxSink<WorkerEvent> sink) {
    sinks.add(sink);
    sink.onDispose(() -> sinks.remove(sink));
  }
}
