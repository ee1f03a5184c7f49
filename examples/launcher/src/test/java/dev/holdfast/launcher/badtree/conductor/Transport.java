package dev.holdfast.launcher.badtree.conductor;

import dev.holdfast.launcher.badtree.launcher.Launcher;
import dev.holdfast.launcher.badtree.store.Store;
import org.jspecify.annotations.Nullable;

/** Knows the launcher, and closes a cycle of packages. */
public final class Transport {
  @Nullable Launcher outward;
  @Nullable Store cycle;
}
