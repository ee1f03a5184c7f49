package dev.holdfast.benchmarks.server;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One request in an array of bytes: no more of HTTP than a keep-alive client with bodies of a known
 * length needs. It is filled again for the next one. Confined to one thread.
 */
final class Request {

  /** What came of reading. */
  enum Reading {
    COMPLETE,
    INCOMPLETE,
    BAD
  }

  private static final byte[] CONTENT_LENGTH = ascii("content-length:");
  private static final byte[] CONNECTION_CLOSE = ascii("connection: close");

  private byte[] bytes = new byte[0];
  private int targetStart;
  private int targetEnd;
  private int bodyStart;
  private int end;
  private boolean close;

  /** Reads from the beginning of the array. */
  Reading read(byte[] from, int length) {
    bytes = from;
    int headEnd = endOfHead(length);
    if (headEnd < 0) {
      return Reading.INCOMPLETE;
    }
    targetStart = indexOf((byte) ' ', 0, headEnd) + 1;
    targetEnd = indexOf((byte) ' ', targetStart, headEnd);
    if (targetStart == 0 || targetEnd < 0) {
      return Reading.BAD;
    }
    bodyStart = headEnd;
    close = false;
    int bodyLength = 0;
    for (int line = indexOf((byte) '\n', targetEnd, headEnd) + 1;
        line > 0 && line < headEnd;
        line = indexOf((byte) '\n', line, headEnd) + 1) {
      if (startsWith(CONTENT_LENGTH, line, headEnd)) {
        bodyLength = number(line + CONTENT_LENGTH.length, headEnd);
      } else if (startsWith(CONNECTION_CLOSE, line, headEnd)) {
        close = true;
      } else if ((bytes[line] | 0x20) == 't' && isTransferEncoding(line, headEnd)) {
        return Reading.BAD;
      }
    }
    if (bodyLength < 0) {
      return Reading.BAD;
    }
    end = bodyStart + bodyLength;
    return end <= length ? Reading.COMPLETE : Reading.INCOMPLETE;
  }

  boolean isPost() {
    return bytes[0] == 'P';
  }

  boolean wantsClose() {
    return close;
  }

  /** How many bytes it has, body included. */
  int length() {
    return end;
  }

  byte[] bytes() {
    return bytes;
  }

  int bodyStart() {
    return bodyStart;
  }

  /** Whether its path and query begin so. */
  boolean targets(byte[] prefix) {
    return targetEnd - targetStart >= prefix.length && regionMatches(prefix, targetStart);
  }

  /** Whether its path is this one. */
  boolean isFor(byte[] path) {
    int after = targetStart + path.length;
    return targets(path) && (after == targetEnd || bytes[after] == '?');
  }

  /** A parameter of its query, or what to take if it is not there or no number. */
  long parameter(String name, long otherwise) {
    String target =
        new String(bytes, targetStart, targetEnd - targetStart, StandardCharsets.ISO_8859_1);
    int query = target.indexOf('?');
    if (query < 0) {
      return otherwise;
    }
    for (String pair : target.substring(query + 1).split("&", -1)) {
      if (pair.startsWith(name + "=")) {
        String value = pair.substring(name.length() + 1);
        return value.matches("\\d{1,12}") ? Long.parseLong(value) : otherwise;
      }
    }
    return otherwise;
  }

  /** The bytes behind the first of this text in the body, or -1. */
  int behindInBody(byte[] text) {
    byte start = text[0];
    int last = end - text.length;
    for (int i = bodyStart; i <= last; i++) {
      if (bytes[i] == start && regionMatches(text, i)) {
        return i + text.length;
      }
    }
    return -1;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private int endOfHead(int length) {
    for (int i = 3; i < length; i++) {
      if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private int indexOf(byte wanted, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private boolean regionMatches(byte[] text, int at) {
    for (int i = 0; i < text.length; i++) {
      if (bytes[at + i] != text[i]) {
        return false;
      }
    }
    return true;
  }

  /** Names of headers are of any case; the text is in lower case. */
  private boolean startsWith(byte[] text, int at, int to) {
    if (at + text.length > to) {
      return false;
    }
    for (int i = 0; i < text.length; i++) {
      byte b = bytes[at + i];
      if ((b >= 'A' && b <= 'Z' ? b | 0x20 : b) != text[i]) {
        return false;
      }
    }
    return true;
  }

  private boolean isTransferEncoding(int line, int to) {
    return new String(bytes, line, to - line, StandardCharsets.ISO_8859_1)
        .toLowerCase(Locale.ROOT)
        .startsWith("transfer-encoding:");
  }

  /** A decimal number up to the end of the line; -1 if it is none, or too large. */
  private int number(int from, int to) {
    int value = 0;
    int i = from;
    while (i < to && bytes[i] == ' ') {
      i++;
    }
    int begin = i;
    for (; i < to && bytes[i] >= '0' && bytes[i] <= '9' && value < 10_000_000; i++) {
      value = value * 10 + bytes[i] - '0';
    }
    return i > begin && i < to && (bytes[i] == '\r' || bytes[i] == ' ') ? value : -1;
  }
}
