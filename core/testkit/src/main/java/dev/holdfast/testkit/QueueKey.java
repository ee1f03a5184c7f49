package dev.holdfast.testkit;

import org.jspecify.annotations.Nullable;

/** What names a queue. */
record QueueKey(String taskType, @Nullable String domain) {}
