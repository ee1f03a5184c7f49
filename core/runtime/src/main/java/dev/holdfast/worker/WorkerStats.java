package dev.holdfast.worker;

/**
 * What a worker has done since it was created, and what it holds now. Each number is exact; they
 * are not read at one instant.
 *
 * @param polled tasks that polls brought
 * @param started tasks whose handler was started
 * @param completed tasks whose handler completed
 * @param failed tasks that failed, unusable ones included
 * @param released tasks handed back to the server, for later or unfinished
 * @param delivered results that the server has answered for
 * @param rejected results that the server refused for good: the dead letters
 * @param late results that came too late, so that the server had no use for them
 * @param abandoned handlers that ran on after their cancel when the drain ended
 * @param outbox results that wait for the server's answer now
 * @param running tasks that hold a slot now
 * @param polling polls in flight now
 * @param droppedEvents events that slow subscribers of {@link Worker#events()} missed
 */
public record WorkerStats(
    long polled,
    long started,
    long completed,
    long failed,
    long released,
    long delivered,
    long rejected,
    long late,
    long abandoned,
    int outbox,
    int running,
    int polling,
    long droppedEvents) {}
