package dev.holdfast.launcher.badtree.testkit;

import dev.holdfast.launcher.badtree.conductor.Transport;
import org.jspecify.annotations.Nullable;

/** Knows a transport, which it must not. */
public final class Kit {
  @Nullable Transport outward;
}
