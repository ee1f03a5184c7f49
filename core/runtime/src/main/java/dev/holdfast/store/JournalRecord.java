package dev.holdfast.store;

import java.util.Arrays;
import java.util.Objects;

/**
 * One state change, to be kept by a {@link Journal}. Immutable.
 *
 * <p>A <em>replacing</em> record makes all earlier entries of its key void: they are dropped in the
 * step that appends it. So what is set again and again, or has a long history, takes no more room
 * than its latest state.
 */
public final class JournalRecord {

  private final String key;
  private final String kind;
  private final byte[] bytes;
  private final boolean replacing;

  private JournalRecord(String key, String kind, byte[] bytes, boolean replacing) {
    this.key = Objects.requireNonNull(key, "key");
    this.kind = Objects.requireNonNull(kind, "kind");
    this.bytes = bytes.clone();
    this.replacing = replacing;
  }

  /**
   * A record beside the earlier ones of its key.
   *
   * @param key what it belongs to
   * @param kind what happened, in one word
   * @param bytes what the owner needs to rebuild it; copied
   * @return the record
   */
  public static JournalRecord of(String key, String kind, byte[] bytes) {
    return new JournalRecord(key, kind, bytes, false);
  }

  /**
   * A record instead of the earlier ones of its key.
   *
   * @param key what it belongs to
   * @param kind what happened, in one word
   * @param bytes what the owner needs to rebuild it; copied
   * @return the record
   */
  public static JournalRecord replacing(String key, String kind, byte[] bytes) {
    return new JournalRecord(key, kind, bytes, true);
  }

  /** {@return what it belongs to} */
  public String key() {
    return key;
  }

  /** {@return what happened, in one word} */
  public String kind() {
    return kind;
  }

  /** {@return a copy of what the owner needs to rebuild it} */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** {@return whether it makes the earlier entries of its key void} */
  public boolean isReplacing() {
    return replacing;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JournalRecord that
        && key.equals(that.key)
        && kind.equals(that.kind)
        && replacing == that.replacing
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Objects.hash(key, kind, replacing, Arrays.hashCode(bytes));
  }

  /** Names the key and the kind; the bytes may hold what is nobody's business. */
  @Override
  public String toString() {
    return "JournalRecord[" + key + " " + kind + ", " + bytes.length + " bytes]";
  }
}
