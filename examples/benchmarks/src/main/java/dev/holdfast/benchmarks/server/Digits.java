package dev.holdfast.benchmarks.server;

/** Numbers of a fixed width in ASCII, which is how a task's number stands in its JSON. */
final class Digits {

  static final int WIDTH = 12;

  private Digits() {}

  static void write(long number, byte[] to, int at) {
    long rest = number;
    for (int i = at + WIDTH - 1; i >= at; i--) {
      to[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /** The number that stands there, or -1 if there is none. */
  static long read(byte[] from, int at, int end) {
    if (at < 0 || at + WIDTH > end) {
      return -1;
    }
    long number = 0;
    for (int i = at; i < at + WIDTH; i++) {
      int digit = from[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
