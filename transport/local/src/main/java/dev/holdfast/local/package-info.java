/** A task server in the process, with Conductor's wire API, for one machine. */
@NullMarked
package dev.holdfast.local;

import org.jspecify.annotations.NullMarked;
