/** A tree that breaks the rules of the layout: see {@code ArchitectureTest}. */
@NullMarked
package dev.holdfast.launcher.badtree.store;

import org.jspecify.annotations.NullMarked;
