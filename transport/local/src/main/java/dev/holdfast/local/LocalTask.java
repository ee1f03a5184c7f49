package dev.holdfast.local;

import org.jspecify.annotations.Nullable;

/**
 * A task as it stands. Times are milliseconds since the epoch, 0 for not yet.
 *
 * <table>
 *   <caption>Legal moves of a task</caption>
 *   <tr><th>from</th><th>polled</th><th>returned</th><th>extended</th><th>handed back</th><th>ended</th></tr>
 *   <tr><td>SCHEDULED</td><td>IN_PROGRESS</td><td>–</td><td>ignored</td><td>SCHEDULED, later</td><td>that end</td></tr>
 *   <tr><td>IN_PROGRESS</td><td>–</td><td>SCHEDULED</td><td>the lease begins anew</td><td>SCHEDULED, later</td><td>that end</td></tr>
 *   <tr><td>ended</td><td>–</td><td>–</td><td>ignored</td><td>ignored</td><td>ignored</td></tr>
 * </table>
 *
 * @param scheduled what is settled when it is scheduled
 * @param place its place among the tasks of its queue; a task that is handed back gets a new one
 */
record LocalTask(
    Scheduled scheduled,
    TaskStatus status,
    String output,
    @Nullable String reason,
    int pollCount,
    @Nullable String workerId,
    long startTime,
    long updateTime,
    long endTime,
    int callbackAfterSeconds,
    long place,
    boolean retried) {

  /** What is settled when a task is scheduled. */
  record Scheduled(
      String id,
      String workflowId,
      String input,
      int retryCount,
      int seq,
      @Nullable String retriedTaskId,
      long time,
      int startDelaySeconds) {}

  String id() {
    return scheduled.id();
  }

  LocalTask polled(@Nullable String by, long at) {
    return new LocalTask(
        scheduled,
        TaskStatus.IN_PROGRESS,
        output,
        reason,
        pollCount + 1,
        by,
        startTime == 0 ? at : startTime,
        at,
        0,
        0,
        place,
        retried);
  }

  /** As it was before a poll whose answer nobody got. */
  LocalTask returned() {
    int polls = pollCount - 1;
    return new LocalTask(
        scheduled,
        TaskStatus.SCHEDULED,
        output,
        reason,
        polls,
        null,
        polls == 0 ? 0 : startTime,
        updateTime,
        0,
        0,
        place,
        retried);
  }

  LocalTask extended(long at) {
    return new LocalTask(
        scheduled,
        status,
        output,
        reason,
        pollCount,
        workerId,
        startTime,
        at,
        endTime,
        callbackAfterSeconds,
        place,
        retried);
  }

  LocalTask handedBack(
      @Nullable String by, String result, @Nullable String why, int after, long newPlace, long at) {
    return new LocalTask(
        scheduled,
        TaskStatus.SCHEDULED,
        result,
        why,
        pollCount,
        by,
        startTime,
        at,
        0,
        after,
        newPlace,
        retried);
  }

  LocalTask ended(
      TaskStatus as, @Nullable String by, String result, @Nullable String why, int after, long at) {
    return new LocalTask(
        scheduled,
        as,
        result,
        why,
        pollCount,
        by,
        startTime,
        updateTime == 0 ? at : updateTime,
        at,
        after,
        place,
        retried);
  }

  LocalTask retriedLater() {
    return new LocalTask(
        scheduled,
        status,
        output,
        reason,
        pollCount,
        workerId,
        startTime,
        updateTime,
        endTime,
        callbackAfterSeconds,
        place,
        true);
  }
}
