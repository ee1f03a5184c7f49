package dev.holdfast.conductor;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The beginning of an answer's body, up to a limit that none of the API's small answers reaches.
 */
final class BoundedBody {

  static final int LIMIT = 64 * 1024;
  private static final int EXCERPT = 80;
  private static final byte[] NONE = {};

  private byte[] bytes = NONE;
  private int length;
  private boolean cut;

  void add(byte[] chunk, int count) {
    int kept = Math.min(count, LIMIT - length);
    cut |= kept < count;
    if (bytes.length - length < kept) {
      bytes = Arrays.copyOf(bytes, Math.min(LIMIT, Math.max(bytes.length * 2, length + kept)));
    }
    System.arraycopy(chunk, 0, bytes, length, kept);
    length += kept;
  }

  /** Whether more came than was kept. */
  boolean isCut() {
    return cut;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Whether its first character that is no white space is this. */
  boolean startsWith(char first) {
    int at = 0;
    while (at < length && bytes[at] <= ' ' && bytes[at] >= 0) {
      at++;
    }
    return at < length && bytes[at] == first;
  }

  String text() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8).strip();
  }

  /** How it starts, for people. */
  String excerpt() {
    String start = new String(bytes, 0, Math.min(length, EXCERPT), StandardCharsets.UTF_8).strip();
    return start.isEmpty() ? "nothing" : "\"" + start + (length > EXCERPT ? "…\"" : "\"");
  }
}
