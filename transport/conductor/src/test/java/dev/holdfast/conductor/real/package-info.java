/**
 * A real Conductor server for tests: the process, and the calls that set it up and look into it.
 */
@NullMarked
package dev.holdfast.conductor.real;

import org.jspecify.annotations.NullMarked;
