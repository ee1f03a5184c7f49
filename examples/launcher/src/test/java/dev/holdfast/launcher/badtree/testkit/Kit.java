package dev.holdfast.launcher.badtree.testkit;

import dev.holdfast.launcher.badtree.conductor.Transport;
import dev.holdfast.launcher.badtree.local.Local;
import org.jspecify.annotations.Nullable;

/** Knows two transports, which it must not. */
public final class Kit {
  @Nullable Transport outward;
  @Nullable Local further;
}
