/** A tree that breaks the rules of the layout: see {@code ArchitectureTest}. */
@NullMarked
package dev.holdfast.launcher.badtree.local;

import org.jspecify.annotations.NullMarked;
