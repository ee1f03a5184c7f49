package dev.holdfast.local;

/** Somebody else's text in a line of ours. */
final class Line {

  private static final int MAX = 200;

  private Line() {}

  /** The text without control characters, cut where it is long. */
  static String of(String text) {
    String cut = text.length() > MAX ? text.substring(0, MAX) + "…" : text;
    StringBuilder line = new StringBuilder(cut.length());
    for (int i = 0; i < cut.length(); i++) {
      char c = cut.charAt(i);
      line.append(Character.isISOControl(c) ? ' ' : c);
    }
    return line.toString();
  }
}
