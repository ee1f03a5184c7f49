/** The values a worker handles: tasks, attempts, payloads, outcomes, and the handler. */
@NullMarked
package dev.holdfast.task;

import org.jspecify.annotations.NullMarked;
