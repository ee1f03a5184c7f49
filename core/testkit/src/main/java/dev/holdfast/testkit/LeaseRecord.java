package dev.holdfast.testkit;

import org.jspecify.annotations.Nullable;

/**
 * One lease as the fake server booked it. Instants are milliseconds of the server's scheduler.
 *
 * @param taskId the task
 * @param workflowId its workflow
 * @param taskType its type
 * @param pollCount how often it has been handed out, this time included
 * @param workerId the worker it was leased to
 * @param region the name under which that worker knows the server
 * @param beginMillis when it was leased
 * @param endMillis when the lease ended, -1 while it lives
 * @param end why it ended, or null while it lives
 * @param deliveries how often the task reached its caller: 0 if the answer has not come or was
 *     lost, 2 if it was duplicated
 */
public record LeaseRecord(
    String taskId,
    String workflowId,
    String taskType,
    int pollCount,
    String workerId,
    String region,
    long beginMillis,
    long endMillis,
    @Nullable String end,
    int deliveries) {}
