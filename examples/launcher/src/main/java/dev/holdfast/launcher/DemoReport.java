package dev.holdfast.launcher;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the demo says before and after, in lines of 80 columns.
 *
 * @param plan what the demo did
 * @param tally what the server said of every workflow
 * @param late the workflows whose results waited for the server
 * @param invocation what to type for {@code holdfast}
 */
record DemoReport(DemoPlan plan, Ledger.Tally tally, Set<String> late, String invocation) {

  private static final int LISTED = 20;

  /** What is going to be seen. */
  static List<String> opening(DemoPlan plan) {
    return List.of(
        "A task server and a worker start in this process, with %d small tasks to do."
            .formatted(plan.total()),
        "Once a third is done the server goes away, to come back %s later. Watch what"
            .formatted(Durations.format(plan.away())),
        "becomes of the work: no task may be lost.",
        "");
  }

  /** What to type to get this command again. */
  static String typed() {
    String path = System.getProperty("java.class.path", "");
    return path.endsWith(".jar") && !path.contains(File.pathSeparator)
        ? "java -jar " + path
        : "holdfast";
  }

  /** What was seen, what to try next, and the table. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    if (tally.lost().isEmpty()) {
      seen(lines);
      next(lines);
    } else {
      lost(lines);
    }
    long delivered = late.stream().filter(id -> !tally.lost().containsKey(id)).count();
    lines.add("       submitted " + tally.submitted());
    lines.add("       completed " + tally.completed());
    lines.add("       run again " + tally.again());
    lines.add("  delivered late " + delivered);
    lines.add("            lost " + tally.lost().size());
    return lines;
  }

  private void seen(List<String> lines) {
    if (!late.isEmpty()) {
      lines.add(
          "%d tasks finished while the server was away. Their results waited in the worker"
              .formatted(late.size()));
      lines.add("and were delivered once it was back.");
    }
    int onPurpose = Math.min(plan.failures(), tally.again());
    if (onPurpose > 0) {
      lines.add(
          "%d tasks failed at their first try, on purpose; the server had them run again."
              .formatted(onPurpose));
    }
    int cut = tally.again() - onPurpose;
    if (cut > 0) {
      lines.add(
          "%d tasks were handed out twice: the cut hid the first time from the worker."
              .formatted(cut));
    }
    lines.add("");
  }

  private void next(List<String> lines) {
    if (invocation.equals("holdfast")) {
      lines.add("The same by hand, each command in a terminal of its own:");
    } else {
      lines.add("The same by hand, each command in a terminal of its own; holdfast stands for");
      lines.add(invocation);
    }
    lines.add("");
    lines.add("  holdfast server");
    lines.add("  holdfast worker --server http://127.0.0.1:8080/api --task hi --handler echo");
    lines.add("  holdfast submit --server http://127.0.0.1:8080/api --task hi --wait");
    lines.add("");
  }

  private void lost(List<String> lines) {
    lines.add("The server does not have these as completed:");
    int listed = 0;
    for (Map.Entry<String, String> workflow : tally.lost().entrySet()) {
      if (listed++ == LISTED) {
        lines.add("  and %d more".formatted(tally.lost().size() - LISTED));
        break;
      }
      lines.add("  " + workflow.getKey() + " " + workflow.getValue());
    }
    lines.add("");
  }
}
