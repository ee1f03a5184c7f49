package dev.holdfast.local;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What starts a workflow.
 *
 * @param definition the definition to run, or null for the one that is registered
 * @param input an object as JSON text
 */
record StartRequest(
    String name,
    @Nullable Integer version,
    @Nullable WorkflowDefinition definition,
    String input,
    @Nullable String correlationId,
    int priority,
    Map<String, String> taskToDomain,
    @Nullable String idempotencyKey,
    OnConflict onConflict) {

  /** What happens if the idempotency key was used before. */
  enum OnConflict {
    FAIL,
    RETURN_EXISTING,
    FAIL_ON_RUNNING
  }
}
