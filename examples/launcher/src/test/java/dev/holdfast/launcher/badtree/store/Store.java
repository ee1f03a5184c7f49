package dev.holdfast.launcher.badtree.store;

import dev.holdfast.launcher.badtree.worker.Worker;
import org.jspecify.annotations.Nullable;

/** Knows the worker, which it must not. */
public final class Store {
  @Nullable Worker inward;
}
