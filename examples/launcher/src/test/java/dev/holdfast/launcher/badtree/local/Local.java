package dev.holdfast.launcher.badtree.local;

import dev.holdfast.launcher.badtree.conductor.Transport;
import dev.holdfast.launcher.badtree.launcher.Launcher;
import org.jspecify.annotations.Nullable;

/** Knows the launcher and another transport, neither of which it must. */
public final class Local {
  @Nullable Launcher outward;
  @Nullable Transport sideways;
}
