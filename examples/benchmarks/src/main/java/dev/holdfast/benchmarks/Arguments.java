package dev.holdfast.benchmarks;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the command was asked to do.
 *
 * @param subjects what to measure
 * @param rounds how many rounds each, taking turns
 * @param seconds how long a round is measured
 * @param warmUpSeconds how long each runs before, at the least
 * @param quick whether it is a smoke test with looser gates
 * @param profiled whose process makes a JFR recording, if any
 * @param output where the results are written; null to write none
 */
record Arguments(
    Set<Subject> subjects,
    int rounds,
    int seconds,
    int warmUpSeconds,
    boolean quick,
    @Nullable Subject profiled,
    @Nullable Path output) {

  static final String USAGE =
      """
      usage: examples/benchmarks/run [options]
        --quick              a smoke test: 2 short rounds, without the official client, looser gates
        --only A,B,...       measure these only; the others' gates are skipped, nothing is written
        --rounds N           rounds of each, from 1 to 100 (default 5)
        --seconds N          seconds of a round, from 1 to 600 (default 3)
        --warm-up N          seconds each runs before that, from 1 to 600 (default 12)
        --profile SUBJECT    also record that process with JFR, into target/SUBJECT.jfr
        --output DIR         where results.md and results.svg go (default: the module; quick: nowhere)
        --help
      """
          + "subjects: "
          + ids(EnumSet.allOf(Subject.class));

  static final Set<Subject> QUICK =
      EnumSet.of(
          Subject.BARE,
          Subject.HOLDFAST_V1,
          Subject.HOLDFAST_V2,
          Subject.BARE_WAIT,
          Subject.HOLDFAST_V1_WAIT);

  /**
   * Reads the command's arguments.
   *
   * @param home where results go unless something else is said
   * @throws BadArgument if one can't be used
   */
  static Arguments parse(List<String> arguments, Path home) {
    boolean quick = arguments.contains("--quick");
    Set<Subject> subjects = quick ? QUICK : EnumSet.allOf(Subject.class);
    int rounds = quick ? 2 : 5;
    int seconds = quick ? 2 : 3;
    int warmUp = quick ? 8 : 12;
    Subject profiled = null;
    Path output = quick ? null : home;
    boolean partly = false;
    boolean asked = false;
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      String name = rest.next();
      switch (name) {
        case "--quick" -> {}
        case "--only" -> {
          subjects = subjects(value(name, rest));
          partly = true;
        }
        case "--rounds" -> rounds = number(name, value(name, rest), 100);
        case "--seconds" -> seconds = number(name, value(name, rest), 600);
        case "--warm-up" -> warmUp = number(name, value(name, rest), 600);
        case "--profile" -> profiled = subject(name, value(name, rest));
        case "--output" -> {
          output = Path.of(value(name, rest));
          asked = true;
        }
        default ->
            throw new BadArgument("'" + name + "' is no option: expected one of --help's list");
      }
    }
    if (profiled != null && !subjects.contains(profiled)) {
      throw new BadArgument("--profile " + profiled + " is not measured: expected it in --only");
    }
    return new Arguments(
        subjects, rounds, seconds, warmUp, quick, profiled, partly && !asked ? null : output);
  }

  private static String value(String name, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new BadArgument(name + " has no value: expected one behind it");
    }
    return rest.next();
  }

  private static int number(String name, String value, int most) {
    if (value.matches("\\d{1,4}")) {
      int number = Integer.parseInt(value);
      if (number >= 1 && number <= most) {
        return number;
      }
    }
    throw new BadArgument(name + " is '" + value + "': expected a number from 1 to " + most);
  }

  private static Set<Subject> subjects(String value) {
    return Stream.of(value.split(",", -1))
        .map(id -> subject("--only", id))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Subject.class)));
  }

  private static Subject subject(String name, String id) {
    return Subject.named(id)
        .orElseThrow(
            () ->
                new BadArgument(
                    name + " names '" + id + "': expected " + ids(EnumSet.allOf(Subject.class))));
  }

  private static String ids(Set<Subject> subjects) {
    return subjects.stream().map(subject -> subject.id).collect(Collectors.joining(", "));
  }
}
