package dev.holdfast.conductor;

import java.util.Arrays;

/**
 * Reduces a JSON object, as it streams by and however large it is, to its own scalar members in
 * constant memory: nested values become {@code null}, strings of more than 1 kB become empty. What
 * is left is a small JSON object. Conductor writes a task's ids after its input, so this is how the
 * ids of a task that is too large, or broken inside, are still read.
 */
final class JsonSkeleton {

  private static final int MAX_STRING = 1024;
  private static final int MAX_BYTES = 64 * 1024;
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  private byte[] out = new byte[1024];
  private int length;
  private int depth;
  private boolean inString;
  private boolean escaped;
  private int stringStart;
  private boolean complete;

  /** Takes the next bytes. What follows the end of the object is ignored. */
  void feed(byte[] bytes, int from, int to) {
    for (int i = from; i < to && !complete; i++) {
      byte b = bytes[i];
      if (inString) {
        string(b);
      } else {
        structure(b);
      }
    }
  }

  /** Whether the object has ended. */
  boolean isComplete() {
    return complete;
  }

  byte[] bytes() {
    return out;
  }

  int length() {
    return length;
  }

  private void string(byte b) {
    if (depth == 1 && length - stringStart <= MAX_STRING) {
      keep(b);
    }
    if (escaped) {
      escaped = false;
    } else if (b == '\\') {
      escaped = true;
    } else if (b == '"') {
      inString = false;
      if (depth == 1 && length - stringStart > MAX_STRING) {
        length = stringStart;
        keep((byte) '"');
        keep((byte) '"');
      }
    }
  }

  private void structure(byte b) {
    switch (b) {
      case '"' -> {
        inString = true;
        stringStart = length;
        if (depth == 1) {
          keep(b);
        }
      }
      case '{', '[' -> {
        depth++;
        if (depth == 1) {
          keep(b);
        } else if (depth == 2) {
          for (byte part : NULL) {
            keep(part);
          }
        }
      }
      case '}', ']' -> {
        depth--;
        if (depth <= 0) {
          keep(b);
          complete = true;
        }
      }
      case ' ', '\n', '\r', '\t' -> {}
      default -> {
        if (depth == 1) {
          keep(b);
        }
      }
    }
  }

  private void keep(byte b) {
    if (length == MAX_BYTES) {
      return;
    }
    if (length == out.length) {
      out = Arrays.copyOf(out, Math.min(MAX_BYTES, out.length * 2));
    }
    out[length++] = b;
  }
}
