package dev.holdfast.outage;

import org.slf4j.event.Level;

/** A line for the log. */
record Notice(Level level, String text) {}
