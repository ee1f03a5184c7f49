package dev.holdfast.store;

import java.util.Objects;

/**
 * A record that a {@link Journal} keeps.
 *
 * @param number its place in the journal, from 1; higher than that of every entry before it
 * @param record what was appended
 */
public record JournalEntry(long number, JournalRecord record) {
  /** Checks the parts. {@inheritDoc} */
  public JournalEntry {
    if (number < 1) {
      throw new IllegalArgumentException("number is " + number + ": expected 1 or more");
    }
    Objects.requireNonNull(record, "record");
  }
}
