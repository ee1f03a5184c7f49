package dev.holdfast.store;

/** The answer to {@link TaskStore#start}. */
public enum StartResult {
  /** The attempt is this caller's to run. */
  STARTED,
  /** It was started before: running it again would run it twice. */
  ALREADY_STARTED,
  /** It has ended before it was started, by a cancel or a release. */
  ALREADY_FINISHED
}
