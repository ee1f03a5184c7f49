package dev.holdfast.benchmarks.server;

/** What the stand-in counts. */
public enum Counter {
  /** The server's clock, in nanoseconds. */
  NANOS,
  /** Polls, of one task or many, with or without an answer in them. */
  POLLS,
  /** Polls that brought nothing. */
  EMPTY_POLLS,
  /** Results sent alone. */
  UPDATES,
  /** Results sent with a request for the next task. */
  UPDATES_V2,
  /** Requests of any other kind, but for those of the harness. */
  OTHER,
  /** Tasks handed out. */
  HANDED_OUT,
  /** Tasks whose result came, the first of each. */
  COMPLETED,
  /** Results of tasks that had one already. */
  DOUBLED,
  /** Results of tasks that were not handed out since the reset. */
  UNKNOWN,
  /** Results that are not the completed echo of their task. */
  WRONG,
  /** Tasks that were handed back instead of being done. */
  HANDED_BACK,
  /** Bytes received. */
  BYTES_IN,
  /** Bytes sent. */
  BYTES_OUT,
  /** Task-nanoseconds between handing out and result, summed over all tasks. */
  HELD_NANOS,
  /** How often a free slot was filled again since the mark. */
  REFILLS,
  /** How long the slots stood free before that, summed. */
  FREE_NANOS,
  /** What 99 % of the refills stayed below. */
  FREE_NANOS_P99,
  /** The longest of them. */
  FREE_NANOS_MAX,
  /** The longest that a task of a paced supply waited since the mark, though slots were free. */
  WAITED_NANOS_MAX
}
