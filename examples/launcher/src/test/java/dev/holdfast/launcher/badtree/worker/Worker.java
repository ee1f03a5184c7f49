package dev.holdfast.launcher.badtree.worker;

import dev.holdfast.launcher.badtree.conductor.Transport;
import io.netty.buffer.ByteBuf;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Breaks each rule once, so that the rules can be seen to fail. Never run. */
public final class Worker {

  @Nullable ByteBuf netty;
  @Nullable Connection sql;
  @Nullable Transport outward;

  @Nullable Object blocks() {
    return Mono.just(1).block();
  }

  @Nullable Object blocksFirst() {
    return Flux.just(1).blockFirst(Duration.ZERO);
  }

  Object iterates() {
    return Flux.just(1).toIterable();
  }

  Object streams() {
    return Flux.just(1).toStream();
  }

  void sleeps() throws InterruptedException {
    Thread.sleep(1);
  }

  void sleepsByUnit() throws InterruptedException {
    TimeUnit.SECONDS.sleep(1);
  }

  void prints() {
    System.out.println();
  }

  void tracesStack(Exception e) {
    e.printStackTrace();
  }

  void subscribes() {
    Mono.just(1).subscribe();
  }

  Consumer<Mono<Integer>> subscribesByReference() {
    return Mono::subscribe;
  }
}
