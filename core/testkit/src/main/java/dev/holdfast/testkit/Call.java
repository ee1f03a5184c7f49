package dev.holdfast.testkit;

/** A kind of call to a task server. */
public enum Call {
  /** Leases tasks. */
  POLL,
  /** Reports a result, or hands a task back. */
  UPDATE,
  /** Reports a result and leases the next task. */
  UPDATE_AND_POLL,
  /** Extends a lease. */
  EXTEND,
  /** Appends to a task's log. */
  LOG,
  /** Asks for a task's state. */
  FIND,
  /** Asks how many tasks wait. */
  QUEUE_SIZE;

  /** {@return whether calls of this kind lease tasks, and so must not be cancelled} */
  public boolean leases() {
    return this == POLL || this == UPDATE_AND_POLL;
  }
}
