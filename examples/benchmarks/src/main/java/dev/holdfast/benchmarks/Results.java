package dev.holdfast.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** What has been measured so far, and what could not be. Confined to one thread. */
final class Results {

  private final Map<Subject, List<Round>> rounds = new EnumMap<>(Subject.class);
  private final Map<Subject, String> absent = new EnumMap<>(Subject.class);
  private final List<String> faults = new ArrayList<>();

  void add(Subject subject, Round round) {
    rounds.computeIfAbsent(subject, first -> new ArrayList<>()).add(round);
  }

  /** It can't be measured on this machine. */
  void absent(Subject subject, String why) {
    absent.put(subject, why);
  }

  /** It lost a task, or did one twice, or said something wrong of one. */
  void fault(Subject subject, String what) {
    faults.add(subject + " " + what);
  }

  List<Subject> measured(Subject.Load load) {
    return rounds.keySet().stream().filter(subject -> subject.load == load).toList();
  }

  Map<Subject, String> absent() {
    return absent;
  }

  List<String> faults() {
    return faults;
  }

  Optional<Range> range(Subject subject, ToDoubleFunction<Round> figure) {
    List<Round> own = rounds.get(subject);
    return own == null
        ? Optional.empty()
        : Optional.of(Range.of(own.stream().mapToDouble(figure).toArray()));
  }

  /** Over all subjects and rounds. */
  Range overall(ToDoubleFunction<Round> figure) {
    return Range.of(rounds.values().stream().flatMap(List::stream).mapToDouble(figure).toArray());
  }
}
