/** A tree that breaks the rules of the layout: see {@code ArchitectureTest}. */
@NullMarked
package dev.holdfast.launcher.badtree.worker;

import org.jspecify.annotations.NullMarked;
