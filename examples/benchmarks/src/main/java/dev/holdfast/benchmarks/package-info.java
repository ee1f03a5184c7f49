/** The command that measures Holdfast beside a bare loop and the official client. */
@NullMarked
package dev.holdfast.benchmarks;

import org.jspecify.annotations.NullMarked;
