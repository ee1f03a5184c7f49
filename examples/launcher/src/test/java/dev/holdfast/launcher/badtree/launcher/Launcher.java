package dev.holdfast.launcher.badtree.launcher;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A launcher may block and print. */
public final class Launcher {
  @Nullable Object blocks() {
    Mono.just(1).subscribe();
    System.out.println();
    return Mono.just(1).block();
  }
}
