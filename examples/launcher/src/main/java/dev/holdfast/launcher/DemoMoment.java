package dev.holdfast.launcher;

import java.time.Duration;
import java.util.Locale;

/**
 * What the demo shows of one moment. Each rendering is a pure function of it, in plain ASCII.
 *
 * @param elapsed since the demo began
 * @param done workflows that the server says are completed
 * @param total workflows in all
 * @param running tasks that the worker runs
 * @param waiting results that wait for the server's answer
 * @param server what became of the server
 */
record DemoMoment(Duration elapsed, int done, int total, int running, int waiting, Server server) {

  /** One less than a terminal's 80 columns: a full line would move the cursor on. */
  static final int WIDTH = 79;

  private static final int CELLS = 20;

  /** The server's three states, as the demo's own hand sets them. */
  enum Server {
    /** It serves, and nothing is left of an outage. */
    UP,
    /** Its port is closed. */
    AWAY,
    /** It serves again, and results from before wait still. */
    BACK
  }

  /** One line with a bar, to be drawn over the last one. */
  String bar() {
    int filled = total == 0 ? 0 : (int) ((long) CELLS * Math.min(done, total) / total);
    int percent = total == 0 ? 0 : (int) (100L * Math.min(done, total) / total);
    return cut(
        "%s[%s%s] %3d%%  %s"
            .formatted(
                stamp(elapsed), "#".repeat(filled), ".".repeat(CELLS - filled), percent, text()));
  }

  /** One line without a bar, for a log or a file. */
  String line() {
    return cut(stamp(elapsed) + text());
  }

  /** The time that a line begins with, always as wide. */
  static String stamp(Duration elapsed) {
    return String.format(Locale.ROOT, "%5.1fs  ", elapsed.toMillis() / 1000.0);
  }

  /** A number of things, in words. */
  static String counted(int number, String thing) {
    return number + " " + thing + (number == 1 ? "" : "s");
  }

  private String text() {
    String count = done + " of " + total;
    String work = running > 0 ? ", " + running + " running" : "";
    String left =
        waiting > 0 ? ", " + counted(waiting, "result") + (waiting == 1 ? " waits" : " wait") : "";
    return switch (server) {
      case UP -> count + " done" + work;
      case AWAY -> count + ", server away" + (running > 0 ? work : left);
      case BACK -> count + ", server back" + left;
    };
  }

  private static String cut(String line) {
    return line.length() > WIDTH ? line.substring(0, WIDTH) : line;
  }
}
