package dev.holdfast.worker;

import dev.holdfast.client.TaskClient;
import reactor.core.scheduler.Scheduler;

/** What the stages of one run have in common. */
record Stage(
    TaskClient client,
    Scheduler timer,
    Backoff backoff,
    FailureLog failures,
    Counters counters,
    Observers observers) {}
