/** The {@code holdfast} command: a worker, and a way to give it work, from a shell. */
@NullMarked
package dev.holdfast.launcher;

import org.jspecify.annotations.NullMarked;
