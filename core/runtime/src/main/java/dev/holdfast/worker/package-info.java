/** The worker: polls, executes, records and updates as Reactor pipelines. */
@NullMarked
package dev.holdfast.worker;

import org.jspecify.annotations.NullMarked;
