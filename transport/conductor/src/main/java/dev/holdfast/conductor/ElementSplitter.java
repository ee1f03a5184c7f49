package dev.holdfast.conductor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a JSON array into its elements as it streams in, holding no more than one of them. Each is
 * handed out as bytes the moment it ends, and not looked into: only strings, their escapes and the
 * nesting are followed.
 *
 * <p>It is ours because a JSON library can't go on after a bad element, and each element is a
 * lease: a bad one must be failed and the ones behind it run. An element that closes what it did
 * not open is beyond that: it swallows those behind it, and the array then ends too early or never.
 */
final class ElementSplitter {

  /** Gets the elements. */
  interface Sink {
    /** One element; the array is used again after the call. */
    void element(byte[] bytes, int from, int length);

    /** One that was larger than the limit: its skeleton and its size. */
    void oversized(JsonSkeleton skeleton, long size);
  }

  /** Where the reading stands. */
  private enum State {
    BEFORE_ARRAY,
    FIRST_OR_END,
    ELEMENT_EXPECTED,
    IN_NESTED,
    IN_STRING,
    IN_SCALAR,
    COMMA_OR_END,
    DONE,
    BROKEN
  }

  private static final int FIRST_BUFFER = 2 * 1024;
  private static final int MAX_KEPT = 64 * 1024;
  private static final int EXCERPT = 80;

  private final Sink sink;
  private final int maxElement;
  private final boolean array;

  private State state;
  private int depth;
  private boolean escaped;
  private byte[] begun = new byte[0];
  private int begunLength;
  private long size;
  private @Nullable JsonSkeleton skeleton;
  private long position;
  private @Nullable String fault;

  private ElementSplitter(boolean array, int maxElement, Sink sink) {
    this.array = array;
    this.maxElement = maxElement;
    this.sink = sink;
    this.state = array ? State.BEFORE_ARRAY : State.ELEMENT_EXPECTED;
  }

  /** For an array of any number of elements. */
  static ElementSplitter ofArray(int maxElement, Sink sink) {
    return new ElementSplitter(true, maxElement, sink);
  }

  /** For one element that stands alone. */
  static ElementSplitter ofOne(int maxElement, Sink sink) {
    return new ElementSplitter(false, maxElement, sink);
  }

  /** Whether everything was there and nothing else. */
  boolean isComplete() {
    return state == State.DONE;
  }

  /** Whether nothing but white space came. */
  boolean isBlank() {
    return state == State.BEFORE_ARRAY || (!array && state == State.ELEMENT_EXPECTED);
  }

  /** Whether it makes no sense to read on. */
  boolean isBroken() {
    return state == State.BROKEN;
  }

  /** What is wrong, for people; null if nothing is. */
  @Nullable String fault() {
    return fault;
  }

  /** Takes the next bytes; the array is not kept. */
  void feed(byte[] bytes, int from, int to) {
    int start = isInElement() ? from : -1;
    int i = from;
    position -= from;
    while (i < to && state != State.BROKEN) {
      switch (state) {
        case IN_STRING -> {
          i = skipString(bytes, i, to);
          if (state == State.COMMA_OR_END) {
            end(bytes, start, i);
          }
        }
        case IN_NESTED -> {
          i = skipNested(bytes, i, to);
          if (state == State.COMMA_OR_END) {
            end(bytes, start, i);
          }
        }
        case IN_SCALAR -> {
          i = skipScalar(bytes, i, to);
          if (state == State.COMMA_OR_END) {
            end(bytes, start, i);
          }
        }
        default -> {
          byte b = bytes[i];
          if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
            between(b, bytes, i, to);
            if (isInElement()) {
              start = i;
            }
          }
          i++;
        }
      }
    }
    if (isInElement()) {
      append(bytes, start, to);
    }
    position += to;
  }

  private boolean isInElement() {
    return state == State.IN_NESTED || state == State.IN_STRING || state == State.IN_SCALAR;
  }

  private void between(byte b, byte[] bytes, int i, int to) {
    switch (state) {
      case BEFORE_ARRAY -> {
        if (b == '[') {
          state = State.FIRST_OR_END;
        } else {
          broken("it is not a JSON array but starts: " + excerpt(bytes, i, to));
        }
      }
      case FIRST_OR_END, ELEMENT_EXPECTED -> {
        if (b == ']' && state == State.FIRST_OR_END) {
          state = State.DONE;
        } else if (b == ']' || b == ',' || b == '}' || b == ':') {
          unexpected(b, i);
        } else {
          begin(b);
        }
      }
      case COMMA_OR_END -> {
        if (b == ',') {
          state = State.ELEMENT_EXPECTED;
        } else if (b == ']') {
          state = State.DONE;
        } else {
          unexpected(b, i);
        }
      }
      default -> unexpected(b, i);
    }
  }

  private void begin(byte b) {
    begunLength = 0;
    size = 0;
    skeleton = null;
    escaped = false;
    depth = 0;
    if (b == '{' || b == '[') {
      depth = 1;
      state = State.IN_NESTED;
    } else {
      state = b == '"' ? State.IN_STRING : State.IN_SCALAR;
    }
  }

  /** The hot loop: from inside a nested value to its end, to a string in it, or out of bytes. */
  private int skipNested(byte[] bytes, int from, int to) {
    int level = depth;
    int i = from;
    while (i < to) {
      byte b = bytes[i++];
      if (b == '"') {
        i = skipString(bytes, i, to);
        if (state == State.IN_STRING) {
          break;
        }
      } else if (b == '{' || b == '[') {
        depth = ++level;
      } else if (b == '}' || b == ']') {
        depth = --level;
        if (level == 0) {
          state = State.COMMA_OR_END;
          break;
        }
      }
    }
    return i;
  }

  /** From inside a string to behind its quote; without one, the state says that it goes on. */
  private int skipString(byte[] bytes, int from, int to) {
    int i = from;
    if (escaped && i < to) {
      i++;
      escaped = false;
    }
    while (i < to) {
      byte b = bytes[i++];
      if (b == '"') {
        state = depth == 0 ? State.COMMA_OR_END : State.IN_NESTED;
        return i;
      }
      if (b == '\\') {
        // What is escaped may be in the next chunk.
        escaped = i == to;
        i++;
      }
    }
    state = State.IN_STRING;
    return to;
  }

  private int skipScalar(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      if (b == ',' || b == ']' || b == ' ' || b == '\n' || b == '\r' || b == '\t') {
        state = State.COMMA_OR_END;
        return i;
      }
    }
    return to;
  }

  private void end(byte[] bytes, int from, int to) {
    if (begunLength == 0 && skeleton == null && to - from <= maxElement) {
      sink.element(bytes, from, to - from);
    } else {
      append(bytes, from, to);
      if (skeleton == null) {
        sink.element(begun, 0, begunLength);
      } else {
        sink.oversized(skeleton, size);
      }
      if (begun.length > MAX_KEPT) {
        begun = new byte[0];
      }
      begunLength = 0;
      skeleton = null;
    }
    if (!array) {
      state = State.DONE;
    }
  }

  private void append(byte[] bytes, int from, int to) {
    int count = to - from;
    size += count;
    if (skeleton == null && size > maxElement) {
      skeleton = new JsonSkeleton();
      skeleton.feed(begun, 0, begunLength);
      begun = new byte[0];
    }
    if (skeleton != null) {
      skeleton.feed(bytes, from, to);
      return;
    }
    if (begun.length - begunLength < count) {
      int grown = Math.max(begun.length * 2, Math.max(FIRST_BUFFER, begunLength + count));
      begun = Arrays.copyOf(begun, Math.min(grown, maxElement));
    }
    System.arraycopy(bytes, from, begun, begunLength, count);
    begunLength += count;
  }

  private void unexpected(byte b, int i) {
    broken("unexpected '" + printable(b) + "' at byte " + (position + i));
  }

  private void broken(String why) {
    fault = why;
    state = State.BROKEN;
  }

  private static String excerpt(byte[] bytes, int from, int to) {
    StringBuilder text = new StringBuilder(EXCERPT);
    for (int i = from; i < to && text.length() < EXCERPT; i++) {
      text.append(printable(bytes[i]));
    }
    return text.toString();
  }

  private static char printable(byte b) {
    return b >= ' ' && b < 127 ? (char) b : b >= 0 ? ' ' : '?';
  }
}
