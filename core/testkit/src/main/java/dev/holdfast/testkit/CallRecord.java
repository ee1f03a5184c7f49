package dev.holdfast.testkit;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One call as the fake server booked it. Instants are milliseconds of the server's scheduler.
 *
 * @param number its place in the order in which calls began, from 1
 * @param kind its kind
 * @param region the name under which the client knows the server
 * @param taskType the task type, or null if the call names a task that the server does not know
 * @param taskId the task, or null if the call names none
 * @param workerId the worker id, or null if the call names none
 * @param count how many tasks it asked for, 0 if it leases none
 * @param longPoll how long it let the server wait
 * @param fault what was scripted to go wrong, or null
 * @param beginMillis when it was subscribed to
 * @param endMillis when it ended for its caller, -1 while it is open
 * @param ending how it ended for its caller
 * @param failure the failure, if it failed
 */
public record CallRecord(
    int number,
    Call kind,
    String region,
    @Nullable String taskType,
    @Nullable String taskId,
    @Nullable String workerId,
    int count,
    Duration longPoll,
    @Nullable Fault fault,
    long beginMillis,
    long endMillis,
    Ending ending,
    @Nullable ServerFailure failure) {

  /** How a call ended for its caller. */
  public enum Ending {
    /** It has not ended. */
    OPEN,
    /** It was answered. */
    ANSWERED,
    /** It failed. */
    FAILED,
    /** Its caller cancelled it. */
    CANCELLED
  }
}
