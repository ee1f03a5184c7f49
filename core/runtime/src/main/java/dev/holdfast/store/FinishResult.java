package dev.holdfast.store;

import java.util.Objects;

/** The answer to {@link TaskStore#finish}. */
public sealed interface FinishResult {

  /** The caller's final is the attempt's final, and its result is in the outbox. */
  record Finished() implements FinishResult {}

  /**
   * Another final came first; the caller's was refused and nothing was queued.
   *
   * @param winner how the attempt ended
   */
  record AlreadyFinished(FinalStatus winner) implements FinishResult {
    /** Checks the parts. {@inheritDoc} */
    public AlreadyFinished {
      Objects.requireNonNull(winner, "winner");
    }
  }
}
