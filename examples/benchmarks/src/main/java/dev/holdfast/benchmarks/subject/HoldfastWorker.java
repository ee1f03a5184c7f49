package dev.holdfast.benchmarks.subject;

import dev.holdfast.conductor.ConductorTaskClient;
import dev.holdfast.store.InMemoryTaskStore;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.worker.Worker;
import dev.holdfast.worker.WorkerSpec;
import java.time.Duration;
import java.util.concurrent.Callable;
import reactor.core.publisher.Mono;

/**
 * Holdfast as a user has it: its default options, the memory store, an inline handler that echoes.
 *
 * <p>Variants: {@code v1}, which sends results alone, and {@code v2}, the default, whose updates
 * bring the next task while there is a backlog, both with 100 slots; {@code v1-wait} and {@code
 * v2-wait}, whose handlers take 100 ms in each of 1,000 slots.
 */
public final class HoldfastWorker implements Callable<AutoCloseable> {

  private static final Duration HANDLING = Duration.ofMillis(100);

  private final Worker worker;

  /**
   * Creates a worker that does not run yet.
   *
   * @param url the base of the server's API
   * @param variant which one
   */
  public HoldfastWorker(String url, String variant) {
    this.worker =
        Worker.create(ConductorTaskClient.create(url), new InMemoryTaskStore(), spec(variant));
  }

  private static WorkerSpec spec(String variant) {
    return switch (variant) {
      case "v1" -> WorkerSpec.of("ship", echo()).slots(100).takesNext(false);
      case "v2" -> WorkerSpec.of("ship", echo()).slots(100);
      case "v1-wait" -> WorkerSpec.of("ship", delayedEcho()).slots(1_000).takesNext(false);
      case "v2-wait" -> WorkerSpec.of("ship", delayedEcho()).slots(1_000);
      default -> throw new IllegalArgumentException("'" + variant + "' is no variant");
    };
  }

  private static TaskHandler echo() {
    return TaskHandler.inline(context -> Mono.just(context.input()));
  }

  private static TaskHandler delayedEcho() {
    return TaskHandler.inline(context -> Mono.just(context.input()).delayElement(HANDLING));
  }

  @Override
  public AutoCloseable call() {
    worker
        .run()
        .subscribe(
            nothing -> {},
            failure -> {
              failure.printStackTrace();
              Runtime.getRuntime().halt(1);
            });
    return () -> worker.stop().block();
  }
}
