package dev.holdfast.local;

/** Where a workflow stands, in Conductor's words. */
enum WorkflowStatus {
  RUNNING,
  COMPLETED,
  FAILED,
  TIMED_OUT,
  TERMINATED;

  boolean isTerminal() {
    return this != RUNNING;
  }
}
