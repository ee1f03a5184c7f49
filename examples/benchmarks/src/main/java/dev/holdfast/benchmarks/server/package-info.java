/** A stand-in for a task server: its wire API without an engine behind it, and what it counts. */
@NullMarked
package dev.holdfast.benchmarks.server;

import org.jspecify.annotations.NullMarked;
