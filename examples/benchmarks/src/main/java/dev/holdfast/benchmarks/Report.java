package dev.holdfast.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What the results say, for a terminal and as a page. */
final class Report {

  private final Results results;
  private final List<Gate> gates;
  private final Map<String, String> setting;

  /**
   * Creates a report.
   *
   * @param setting what it was measured with: a name and a value for each line, in order
   */
  Report(Results results, List<Gate> gates, Map<String, String> setting) {
    this.results = results;
    this.gates = gates;
    this.setting = setting;
  }

  String plain() {
    StringBuilder text = new StringBuilder();
    for (Subject.Load load : Subject.Load.values()) {
      if (!results.measured(load).isEmpty()) {
        text.append('\n').append(load.title).append(": medians (lowest–highest)\n");
        text.append(figures(load).plain());
      }
    }
    text.append('\n').append(targets().plain());
    notes().forEach(note -> text.append(note).append('\n'));
    return text.toString();
  }

  String markdown() {
    StringBuilder text = new StringBuilder("# Results\n\n");
    text.append(
        "Written by `examples/benchmarks/run`, which says how in [README.md](README.md).\n\n");
    text.append("![Tasks a second and CPU a task](results.svg)\n\n");
    setting.forEach(
        (name, value) -> text.append("- ").append(name).append(": ").append(value).append('\n'));
    for (Subject.Load load : Subject.Load.values()) {
      if (!results.measured(load).isEmpty()) {
        text.append("\n## ").append(capital(load.title)).append("\n\n");
        text.append("Medians (lowest–highest) of the rounds.\n\n");
        text.append(figures(load).markdown());
        text.append('\n').append(loads(load).markdown());
      }
    }
    text.append("\n## Targets\n\n").append(targets().markdown());
    List<String> notes = notes();
    if (!notes.isEmpty()) {
      text.append('\n');
      notes.forEach(note -> text.append("- ").append(note).append('\n'));
    }
    return text.toString();
  }

  private Table figures(Subject.Load load) {
    Table table =
        new Table(
            "subject", "k tasks/s", "CPU µs/task", "kB/task", "RSS MB", "threads", "req/task");
    for (Subject subject : results.measured(load)) {
      table.row(
          List.of(
              subject.title,
              text(subject, round -> round.tasksPerSecond() / 1e3, 1),
              text(subject, Round::cpuMicros, 1),
              middle(subject, round -> round.allocatedBytes() / 1e3, 1),
              middle(subject, Round::rssMiB, 0),
              middle(subject, Round::threads, 0),
              middle(subject, Round::requests, 3)));
    }
    return table;
  }

  private Table loads(Subject.Load load) {
    Table table =
        new Table(
            "subject",
            "worker, cores",
            "server, cores",
            "other work, cores",
            "v2 results, %",
            "tasks held",
            "slot free p99, ms",
            "longest, ms");
    for (Subject subject : results.measured(load)) {
      table.row(
          List.of(
              subject.title,
              text(subject, Round::load, 2),
              text(subject, Round::serverLoad, 2),
              text(subject, Round::othersLoad, 2),
              middle(subject, round -> 100 * round.takingNext(), 0),
              middle(subject, Round::held, 0),
              middle(subject, Round::freeP99Millis, 1),
              middle(subject, Round::freeMaxMillis, 1)));
    }
    return table;
  }

  private Table targets() {
    Table table = new Table("target", "asked", "measured", "verdict");
    gates.forEach(
        gate -> table.row(List.of(gate.what(), gate.asked(), gate.was(), gate.verdict())));
    return table;
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    results.absent().forEach((subject, why) -> notes.add(subject.title + ": not measured: " + why));
    results.faults().forEach(fault -> notes.add("fault: " + fault));
    for (Subject subject : List.of(Subject.HOLDFAST_V2, Subject.HOLDFAST_V2_WAIT)) {
      results
          .range(subject, Round::takingNext)
          .filter(share -> share.median() < 0.01)
          .ifPresent(
              share ->
                  notes.add(
                      subject.title
                          + ", "
                          + subject.load.title
                          + ": its updates brought no tasks, so it was v1 that was measured"));
    }
    double others = results.overall(Round::othersLoad).max();
    if (others > Quietest.QUIET) {
      notes.add(
          String.format(
              Locale.ROOT,
              "other work took up to %.2f cores of this machine during a round: figures of such a"
                  + " run are too low, and their ratios uncertain",
              others));
    }
    return notes;
  }

  private String text(Subject subject, ToDoubleFunction<Round> figure, int decimals) {
    return results.range(subject, figure).map(range -> range.text(decimals)).orElse("–");
  }

  private String middle(Subject subject, ToDoubleFunction<Round> figure, int decimals) {
    return results
        .range(subject, figure)
        .map(range -> String.format(Locale.ROOT, "%." + decimals + "f", range.median()))
        .orElse("–");
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
