/** Conductor's task API as a {@link dev.holdfast.client.TaskClient}, over reactor-netty. */
@NullMarked
package dev.holdfast.conductor;

import org.jspecify.annotations.NullMarked;
