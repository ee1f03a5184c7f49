package dev.holdfast.outage;

import dev.holdfast.client.ServerFailure;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** A line for the log, and the failure whose cause belongs below it at DEBUG. */
record Notice(Level level, String text, @Nullable ServerFailure failure) {}
