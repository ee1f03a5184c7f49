package dev.holdfast.local;

/** A line that a worker wrote about a task; the time is its own, in milliseconds. */
record LogLine(String log, long createdTime) {}
