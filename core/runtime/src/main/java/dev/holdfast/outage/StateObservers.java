package dev.holdfast.outage;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/** Tells who subscribed how the server does. One tells at a time: see {@link Gate#signal}. */
final class StateObservers {

  /** A state, and which change brought it. */
  record Snapshot(long version, OutageState state) {}

  private final Supplier<Snapshot> now;
  private final List<Observer> registered = new CopyOnWriteArrayList<>();

  StateObservers(Supplier<Snapshot> now) {
    this.now = now;
  }

  private static final class Observer {
    final FluxSink<OutageState> sink;
    private long told = -1;

    Observer(FluxSink<OutageState> sink) {
      this.sink = sink;
    }

    synchronized void tell(Snapshot snapshot) {
      if (told < snapshot.version()) {
        told = snapshot.version();
        sink.next(snapshot.state());
      }
    }
  }

  Flux<OutageState> states() {
    return Flux.create(
        sink -> {
          Observer observer = new Observer(sink);
          registered.add(observer);
          sink.onDispose(() -> registered.remove(observer));
          observer.tell(now.get());
        },
        FluxSink.OverflowStrategy.LATEST);
  }

  void tell() {
    if (registered.isEmpty()) {
      return;
    }
    Snapshot snapshot = now.get();
    registered.forEach(observer -> observer.tell(snapshot));
  }
}
