package dev.holdfast.worker;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Supplier;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Scheduler;

/**
 * Tells observers what happens. Each has a bounded buffer of its own and is served on a thread of
 * its own, so that one that is slow loses its own events, which are counted, and one that throws
 * ends its own subscription.
 */
final class Observers {

  private static final int BUFFER = 1_024;

  private final List<Observer<?>> registered = new CopyOnWriteArrayList<>();
  private final Counters counters;

  Observers(Counters counters) {
    this.counters = counters;
  }

  private record Observer<E extends WorkerEvent>(Class<E> type, FluxSink<E> sink) {
    boolean wants(Class<? extends WorkerEvent> kind) {
      return type.isAssignableFrom(kind);
    }

    void tell(WorkerEvent event) {
      sink.next(type.cast(event));
    }
  }

  /** Emits an event, which is made only if somebody observes its kind. */
  <E extends WorkerEvent> void emit(Class<E> kind, Supplier<? extends E> event) {
    if (registered.isEmpty()) {
      return;
    }
    WorkerEvent made = null;
    for (Observer<?> observer : registered) {
      if (observer.wants(kind)) {
        made = made == null ? event.get() : made;
        observer.tell(made);
      }
    }
  }

  /** The events of a kind from the subscription on. Never completes by itself. */
  <E extends WorkerEvent> Flux<E> events(Class<E> type) {
    return Flux.using(
        Observers::newThread,
        thread ->
            Flux.<E>create(sink -> register(type, sink), FluxSink.OverflowStrategy.IGNORE)
                .onBackpressureBuffer(
                    BUFFER,
                    dropped -> counters.droppedEvents.increment(),
                    BufferOverflowStrategy.DROP_LATEST)
                .publishOn(new Delivery(thread), 1),
        ExecutorService::shutdown);
  }

  /**
   * A scheduled one although nothing is delayed: handing over to it never parks the thread that
   * emits as far as BlockHound is concerned, whose error would be swallowed and stop the delivery.
   */
  private static ExecutorService newThread() {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "holdfast-events");
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    executor.prestartCoreThread();
    return executor;
  }

  /**
   * An observer's thread, which discards what comes while the observer leaves. Reactor's own
   * schedulers would reject it, and the rejection would be a dropped error.
   */
  private record Unrefusing(ExecutorService thread) implements Scheduler.Worker {
    @Override
    public Disposable schedule(Runnable task) {
      thread.execute(task);
      return Disposables.disposed();
    }

    @Override
    public void dispose() {
      // The thread ends with the subscription that made it.
    }
  }

  private record Delivery(ExecutorService thread) implements Scheduler {
    @Override
    public Disposable schedule(Runnable task) {
      return createWorker().schedule(task);
    }

    @Override
    public Worker createWorker() {
      return new Unrefusing(thread);
    }
  }

  private <E extends WorkerEvent> void register(Class<E> type, FluxSink<E> sink) {
    Observer<E> observer = new Observer<>(type, sink);
    registered.add(observer);
    sink.onDispose(() -> registered.remove(observer));
  }
}
