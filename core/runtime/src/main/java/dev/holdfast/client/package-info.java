/** The task server as a worker sees it: the calls, their answers, and how they fail. */
@NullMarked
package dev.holdfast.client;

import org.jspecify.annotations.NullMarked;
