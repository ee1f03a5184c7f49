package dev.holdfast.local;

import org.jspecify.annotations.Nullable;

/** A queue of tasks. No domain and a blank one are two. */
record QueueKey(String taskType, @Nullable String domain) {}
