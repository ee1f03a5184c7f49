package dev.holdfast.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Bars of the medians with whiskers over the range, as SVG: one panel for each figure. */
final class Plot {

  private static final int WIDTH = 860;
  private static final int LABELS = 190;
  private static final int RIGHT = 110;
  private static final int BAR = 16;
  private static final int STEP = 26;
  private static final int HEAD = 34;
  private static final int GAP = 22;

  private final Results results;
  private final StringBuilder svg = new StringBuilder();
  private int y;

  private Plot(Results results) {
    this.results = results;
  }

  static String of(Results results) {
    Plot plot = new Plot(results);
    plot.panel(
        "Thousand tasks a second, echo (higher is better)",
        Subject.Load.ECHO,
        round -> round.tasksPerSecond() / 1e3);
    plot.panel("µs of CPU a task, echo (lower is better)", Subject.Load.ECHO, Round::cpuMicros);
    plot.panel(
        "Thousand tasks a second, 100 ms handlers in 1,000 slots (10 at the most)",
        Subject.Load.WAIT,
        round -> round.tasksPerSecond() / 1e3);
    return plot.document();
  }

  private void panel(String title, Subject.Load load, ToDoubleFunction<Round> figure) {
    List<Subject> subjects = results.measured(load);
    if (subjects.isEmpty()) {
      return;
    }
    double most =
        subjects.stream()
            .flatMap(subject -> results.range(subject, figure).stream())
            .mapToDouble(Range::max)
            .max()
            .orElse(1);
    text(0, y + 16, "start", "title", title);
    y += HEAD;
    for (Subject subject : subjects) {
      results.range(subject, figure).ifPresent(range -> bar(subject, range, most));
    }
    y += GAP;
  }

  private void bar(Subject subject, Range range, double most) {
    double scale = (WIDTH - LABELS - RIGHT) / Math.max(most, 1e-9);
    double end = LABELS + range.median() * scale;
    double low = LABELS + range.min() * scale;
    double high = LABELS + range.max() * scale;
    double middle = y + BAR / 2.0;
    text(LABELS - 8, y + 13, "end", "label", subject.title);
    String kind = subject.code == Subject.Code.HOLDFAST ? "ours" : "other";
    put(
        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
        kind, LABELS, y, end - LABELS, BAR);
    put(
        "<path class=\"range\" d=\"M%.1f %.1fH%.1fM%.1f %.1fv8M%.1f %.1fv8\"/>",
        low, middle, high, low, middle - 4, high, middle - 4);
    text((int) Math.ceil(Math.max(end, high)) + 8, y + 13, "start", "value", value(range.median()));
    y += STEP;
  }

  private static String value(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 1 ? "%.1f" : "%.2f", value);
  }

  private void text(int x, int at, String anchor, String kind, String text) {
    put(
        "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>",
        kind, x, at, anchor, text.replace("&", "&amp;").replace("<", "&lt;"));
  }

  private void put(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private String document() {
    return String.format(
            Locale.ROOT,
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" \
            height="%2$d" role="img" aria-label="Results of the benchmarks">
            <style>
            text { font: 13px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
            .title { font-size: 15px; font-weight: 600 }
            .value { fill: #57606a }
            .ours { fill: #1a7f64 }
            .other { fill: #9aa7b5 }
            .range { stroke: #1f2328; stroke-width: 1.2; fill: none }
            </style>
            <rect width="%1$d" height="%2$d" fill="#ffffff"/>
            <g transform="translate(16 12)">
            """,
            WIDTH + 32,
            y + 12)
        + svg
        + "</g>\n</svg>\n";
  }
}
