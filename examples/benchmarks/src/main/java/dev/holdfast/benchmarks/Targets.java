package dev.holdfast.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What must hold. Figures are compared as medians of one run, whose rounds took turns, so that
 * other work on the machine weighs on all alike.
 *
 * @param ofBare Holdfast's rate over the bare loop's, results sent alone by both
 * @param ofBareWaiting the same with handlers that take 100 ms
 * @param ofOfficial Holdfast's rate over the best of the tuned official clients
 * @param cpuOfOfficial Holdfast's CPU a task over the least of theirs
 * @param requests the server's requests a task, under backlog
 * @param slotsHeld the share of slots with a task in them, on average
 * @param freeMillis how long 99 % of the freed slots may wait for a task, beyond what they wait in
 *     the bare loop
 * @param serverLoad the server's share of its core, under the fastest loop
 * @param othersLoad other work on the machine, in cores: with more, the rest can't be judged
 * @param idleLoad the CPU of all subjects whose turn it is not, in cores
 */
record Targets(
    double ofBare,
    double ofBareWaiting,
    double ofOfficial,
    double cpuOfOfficial,
    double requests,
    double slotsHeld,
    double freeMillis,
    double serverLoad,
    double othersLoad,
    double idleLoad) {

  static final Targets FULL =
      new Targets(0.7, 0.95, 2, 0.6, 1.1, 0.95, 5, 0.9, Quietest.QUIET, 0.02);

  /** A smoke test's, on a machine that is busy with other things: grave mistakes only. */
  static final Targets QUICK = new Targets(0.2, 0.7, 1, 1, 1.25, 0.8, 100, 0.95, 2, 0.2);

  private static final List<Subject> TUNED = List.of(Subject.OFFICIAL_4, Subject.OFFICIAL_6);

  List<Gate> gates(Results results) {
    List<Gate> gates = new ArrayList<>();
    gates.add(
        new Gate(
            "tasks lost, doubled or answered wrong", (double) results.faults().size(), false, 0));
    gates.add(
        new Gate(
            "server's share of its core, bare loop",
            median(results, Subject.BARE, Round::serverLoad),
            false,
            serverLoad));
    gates.add(
        new Gate(
            "other work on the machine, in cores",
            results.overall(Round::othersLoad).median(),
            false,
            othersLoad));
    gates.add(
        new Gate(
            "CPU of the subjects whose turn it isn't, in cores",
            results.overall(Round::idleLoad).median(),
            false,
            idleLoad));
    gates.add(
        new Gate(
            "Holdfast v1 / bare loop, tasks a second",
            ratio(
                median(results, Subject.HOLDFAST_V1, Round::tasksPerSecond),
                median(results, Subject.BARE, Round::tasksPerSecond)),
            true,
            ofBare));
    for (Subject holdfast : List.of(Subject.HOLDFAST_V1, Subject.HOLDFAST_V2)) {
      gates.add(
          new Gate(
              holdfast.title + " / best tuned official, tasks a second",
              ratio(
                  median(results, holdfast, Round::tasksPerSecond),
                  best(results, Round::tasksPerSecond, Comparator.reverseOrder())),
              true,
              ofOfficial));
      gates.add(
          new Gate(
              holdfast.title + " / best tuned official, CPU a task",
              ratio(
                  median(results, holdfast, Round::cpuMicros),
                  best(results, Round::cpuMicros, Comparator.naturalOrder())),
              false,
              cpuOfOfficial));
      gates.add(
          new Gate(
              holdfast.title + ", server requests a task",
              median(results, holdfast, Round::requests),
              false,
              requests));
    }
    for (Subject holdfast : List.of(Subject.HOLDFAST_V1_WAIT, Subject.HOLDFAST_V2_WAIT)) {
      waiting(results, holdfast, gates);
    }
    return gates;
  }

  private void waiting(Results results, Subject holdfast, List<Gate> gates) {
    gates.add(
        new Gate(
            holdfast.title + ", 100 ms / bare loop, tasks a second",
            ratio(
                median(results, holdfast, Round::tasksPerSecond),
                median(results, Subject.BARE_WAIT, Round::tasksPerSecond)),
            true,
            ofBareWaiting));
    Double held = median(results, holdfast, Round::held);
    gates.add(
        new Gate(
            holdfast.title + ", 100 ms, share of slots in use",
            held == null ? null : held / holdfast.load.slots,
            true,
            slotsHeld));
    Double free = median(results, holdfast, Round::freeP99Millis);
    Double bare = median(results, Subject.BARE_WAIT, Round::freeP99Millis);
    gates.add(
        new Gate(
            holdfast.title + ", 100 ms, slot free, ms over bare (p99)",
            free == null || bare == null ? null : Math.max(0, free - bare),
            false,
            freeMillis));
  }

  private static @Nullable Double median(
      Results results, Subject subject, ToDoubleFunction<Round> figure) {
    return results.range(subject, figure).map(Range::median).orElse(null);
  }

  private static @Nullable Double best(
      Results results, ToDoubleFunction<Round> figure, Comparator<Double> order) {
    Stream<Double> medians =
        TUNED.stream()
            .map(subject -> results.range(subject, figure))
            .flatMap(Optional::stream)
            .map(Range::median);
    return medians.min(order).orElse(null);
  }

  private static @Nullable Double ratio(@Nullable Double above, @Nullable Double below) {
    return above == null || below == null ? null : above / below;
  }
}
