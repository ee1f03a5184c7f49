package dev.holdfast.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The rounds of a subject during which other work disturbed the least: a disturbed round is
 * replaced by a later one that was not. They are chosen by what others did, never by what came out.
 */
final class Quietest {

  /** How much of a core other work may take. */
  static final double QUIET = 0.1;

  private final int wanted;
  private final List<Round> rounds = new ArrayList<>();

  Quietest(int wanted) {
    this.wanted = wanted;
  }

  static boolean isQuiet(Round round) {
    return round.othersLoad() <= QUIET;
  }

  void add(Round round) {
    rounds.add(round);
    if (rounds.size() > wanted) {
      rounds.sort(Comparator.comparingDouble(Round::othersLoad));
      rounds.remove(wanted);
    }
  }

  /** Whether there are as many undisturbed ones as are wanted. */
  boolean areQuiet() {
    return rounds.size() == wanted && rounds.stream().allMatch(Quietest::isQuiet);
  }

  List<Round> all() {
    return List.copyOf(rounds);
  }
}
