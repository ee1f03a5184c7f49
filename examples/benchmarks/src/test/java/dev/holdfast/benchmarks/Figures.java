package dev.holdfast.benchmarks;

/** Rounds to test with. */
final class Figures {

  private Figures() {}

  /** A round that only its rate and cost tell from others. */
  static Round round(double tasksPerSecond, double cpuMicros) {
    return round(tasksPerSecond, cpuMicros, 1.02, 980, 3);
  }

  static Round round(
      double tasksPerSecond, double cpuMicros, double requests, double held, double freeP99) {
    return new Round(
        tasksPerSecond,
        cpuMicros,
        13_000,
        200,
        16,
        requests,
        0.9,
        0.99,
        0.5,
        0.01,
        0,
        held,
        freeP99,
        9);
  }

  /** All subjects, as fast as the targets ask for with something to spare. */
  static Results good() {
    Results results = new Results();
    for (Subject subject : Subject.values()) {
      switch (subject) {
        case BARE -> results.add(subject, round(50_000, 14));
        case BARE_TREE -> results.add(subject, round(40_000, 20));
        case HOLDFAST_V1, HOLDFAST_V2 -> results.add(subject, round(45_000, 20));
        case OFFICIAL_4 -> results.add(subject, round(18_000, 50));
        case OFFICIAL_6 -> results.add(subject, round(20_000, 40));
        case OFFICIAL_4_DEFAULT, OFFICIAL_6_DEFAULT -> results.add(subject, round(400, 60));
        case BARE_WAIT, HOLDFAST_V1_WAIT, HOLDFAST_V2_WAIT ->
            results.add(subject, round(9_500, 20));
      }
    }
    return results;
  }
}
