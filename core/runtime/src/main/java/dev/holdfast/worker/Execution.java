package dev.holdfast.worker;

import dev.holdfast.task.PayloadCodec;
import java.time.Duration;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/** What the handlers of one run share. */
record Execution(
    Threads threads,
    InFlight inFlight,
    PayloadCodec codec,
    int maxOutputBytes,
    Duration callTimeout,
    Consumer<Error> outOfMemory) {

  /** Runs a lease's handler. Never fails: whatever the handler does becomes the ending. */
  Mono<HandlerRun.Ending> run(Kept kept) {
    return Mono.create(
        sink -> new HandlerRun(kept, kept.lease().deadlineNanos(callTimeout), this, sink).start());
  }

  void onOutOfMemory(Error error) {
    outOfMemory.accept(error);
  }
}
