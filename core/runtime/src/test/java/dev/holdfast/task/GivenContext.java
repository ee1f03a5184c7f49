package dev.holdfast.task;

import java.time.Duration;
import reactor.core.publisher.Mono;

/** A context that is never cancelled. */
record GivenContext(Task task) implements TaskContext {

  @Override
  public Attempt attempt() {
    return new Attempt("west", task.id(), task.pollCount());
  }

  @Override
  public Duration remaining() {
    return Duration.ofHours(1);
  }

  @Override
  public boolean isCancelled() {
    return false;
  }

  @Override
  public Mono<Void> cancelled() {
    return Mono.never();
  }

  @Override
  public Mono<Void> leaseLost() {
    return Mono.never();
  }
}
