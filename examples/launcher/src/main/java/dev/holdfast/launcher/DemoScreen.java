package dev.holdfast.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the demo is seen. On a terminal the last line is a bar that is drawn over itself, with
 * nothing but a carriage return and spaces, and whatever else is said goes above it, the log
 * included. Elsewhere there are plain lines without a control character, at most one for each
 * {@link #PLAIN_EVERY}. Thread-safe.
 */
final class DemoScreen {

  static final Duration PLAIN_EVERY = Duration.ofSeconds(2);

  private final PrintStream out;
  private final boolean redraws;
  private final boolean colours;
  private String shown = "";
  private @Nullable Duration lastPlain;

  DemoScreen(PrintStream out, boolean redraws, boolean colours) {
    this.out = out;
    this.redraws = redraws;
    this.colours = colours;
  }

  /** The screen of this shell: NO_COLOR and dumb terminals get what they can show. */
  static DemoScreen of(Shell shell) {
    String terminal = shell.variables().getOrDefault("TERM", "");
    String noColour = shell.variables().getOrDefault("NO_COLOR", "");
    return new DemoScreen(
        shell.out(),
        shell.terminal() && !terminal.equals("dumb"),
        noColour.isEmpty() && !terminal.isEmpty());
  }

  /** Says a line that stays. */
  synchronized void say(String line) {
    clear();
    out.println(line);
    draw();
  }

  /** Shows a moment: over the last one, or as a line if it is time for one. */
  synchronized void show(DemoMoment moment) {
    if (redraws) {
      String next = moment.bar();
      if (!next.equals(shown)) {
        paint(next);
      }
    } else if (lastPlain == null || moment.elapsed().minus(lastPlain).compareTo(PLAIN_EVERY) >= 0) {
      lastPlain = moment.elapsed();
      out.println(moment.line());
      out.flush();
    }
  }

  /** Takes the bar away: nothing moves any more. */
  synchronized void rest() {
    clear();
    shown = "";
    out.flush();
  }

  /** The log's stream: what is written there stands above the bar, never in it. */
  PrintStream above(PrintStream log) {
    return new PrintStream(new Above(log), true, UTF_8);
  }

  private void clear() {
    if (!shown.isEmpty()) {
      // The whole line: the terminal may have echoed a key behind the bar.
      out.print("\r" + " ".repeat(DemoMoment.WIDTH) + "\r");
      out.flush();
    }
  }

  private void draw() {
    if (!shown.isEmpty()) {
      out.print(coloured(shown));
    }
    out.flush();
  }

  private void paint(String next) {
    String rest = " ".repeat(Math.max(0, shown.length() - next.length()));
    shown = next;
    // A shorter line leaves the cursor behind its blanks; the next one starts with a return anyway.
    out.print("\r" + coloured(next) + rest);
    out.flush();
  }

  private String coloured(String line) {
    return colours
        ? line.replace("server away", "\u001b[31mserver away\u001b[0m")
            .replace("server back", "\u001b[32mserver back\u001b[0m")
        : line;
  }

  /** Passes on what was written, with the bar out of the way. */
  private final class Above extends OutputStream {

    private final PrintStream log;

    Above(PrintStream log) {
      this.log = log;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      synchronized (DemoScreen.this) {
        clear();
        log.write(bytes, from, length);
        log.flush();
        draw();
      }
    }
  }
}
