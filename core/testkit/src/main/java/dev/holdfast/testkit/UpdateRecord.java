package dev.holdfast.testkit;

import dev.holdfast.client.TaskUpdate;

/**
 * One update as the fake server booked it.
 *
 * @param update what was sent
 * @param pollCount the attempt that it is of, as far as the server can tell: the latest lease of
 *     that worker
 * @param effect what the server did
 * @param call how the call went
 */
public record UpdateRecord(TaskUpdate update, int pollCount, Effect effect, CallRecord call) {

  /** What the server did with an update. */
  public enum Effect {
    /** It never got there, or has not yet, or was answered with a scripted failure. */
    NOT_APPLIED,
    /** The task changed. */
    APPLIED,
    /** The task had ended by an earlier update: answered well and ignored. */
    REPEATED,
    /** The task had timed out or been cancelled: answered well and discarded. */
    LATE,
    /** The server knows no such task. */
    REJECTED
  }

  /** {@return whether the server did something and the caller does not know it} */
  public boolean answerLost() {
    return effect != Effect.NOT_APPLIED
        && effect != Effect.REJECTED
        && (call.ending() == CallRecord.Ending.FAILED
            || call.ending() == CallRecord.Ending.CANCELLED);
  }
}
