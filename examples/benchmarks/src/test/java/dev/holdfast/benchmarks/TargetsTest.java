package dev.holdfast.benchmarks;

import static dev.holdfast.benchmarks.Figures.round;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TargetsTest {

  private static List<String> missed(Results results) {
    return Targets.FULL.gates(results).stream()
        .filter(Gate::isMissed)
        .map(gate -> gate.what() + ": " + gate.was())
        .toList();
  }

  /** The good results with other ones of one subject. */
  private static Results but(Subject other, Round... rounds) {
    Results results = new Results();
    Results good = Figures.good();
    for (Subject.Load load : Subject.Load.values()) {
      for (Subject subject : good.measured(load)) {
        if (subject != other) {
          results.add(
              subject,
              round(
                  good.range(subject, Round::tasksPerSecond).orElseThrow().median(),
                  good.range(subject, Round::cpuMicros).orElseThrow().median()));
        }
      }
    }
    for (Round round : rounds) {
      results.add(other, round);
    }
    return results;
  }

  @Test
  void goodResultsMeetAll() {
    assertThat(missed(Figures.good())).isEmpty();
    assertThat(Targets.FULL.gates(Figures.good())).allMatch(gate -> gate.value() != null);
  }

  @Test
  void holdfastIsHeldToTheBareLoopAndToTheBestOfficialClient() {
    assertThat(missed(but(Subject.HOLDFAST_V1, round(34_000, 25))))
        .containsExactly(
            "Holdfast v1 / bare loop, tasks a second: 0.68",
            "Holdfast v1 / best tuned official, tasks a second: 1.7",
            "Holdfast v1 / best tuned official, CPU a task: 0.63");
  }

  @Test
  void theMiddleRoundCounts() {
    assertThat(
            missed(
                but(Subject.HOLDFAST_V1, round(1_000, 500), round(45_000, 20), round(46_000, 19))))
        .isEmpty();
  }

  @Test
  void moreThanOnePollForTenResultsIsTooMuch() {
    assertThat(missed(but(Subject.HOLDFAST_V2, round(45_000, 20, 1.11, 980, 3))))
        .containsExactly("Holdfast v2, adaptive, server requests a task: 1.11");
  }

  @Test
  void slotsMustNotIdleWhileWorkWaits() {
    assertThat(missed(but(Subject.HOLDFAST_V1_WAIT, round(9_500, 20, 1, 940, 8.1))))
        .containsExactly(
            "Holdfast v1, 100 ms, share of slots in use: 0.94",
            "Holdfast v1, 100 ms, slot free, ms over bare (p99): 5.1");
    assertThat(missed(but(Subject.HOLDFAST_V2_WAIT, round(8_900, 20))))
        .containsExactly("Holdfast v2, adaptive, 100 ms / bare loop, tasks a second: 0.94");
  }

  @Test
  void aLostTaskFailsTheRun() {
    Results results = Figures.good();
    results.fault(Subject.BARE, "lost: 1 tasks");
    assertThat(missed(results)).containsExactly("tasks lost, doubled or answered wrong: 1");
  }

  @Test
  void aBusyServerABusyMachineAndSubjectsThatDoNotRestFailTheRun() {
    Round busy = new Round(50_000, 14, 1, 1, 1, 1, 0, 1, 0.91, 0.11, 0.03, 1, 1, 1);
    Results results = new Results();
    results.add(Subject.BARE, busy);
    assertThat(missed(results))
        .containsExactly(
            "server's share of its core, bare loop: 0.91",
            "other work on the machine, in cores: 0.11",
            "CPU of the subjects whose turn it isn't, in cores: 0.03");
  }

  @Test
  void whatWasNotMeasuredIsNeitherMetNorMissed() {
    Results results = but(Subject.BARE);
    assertThat(missed(results)).isEmpty();
    assertThat(Targets.FULL.gates(results))
        .filteredOn(gate -> gate.value() == null)
        .extracting(Gate::verdict)
        .containsExactly("not measured", "not measured");
  }

  @Test
  void oneOfficialClientIsEnoughToCompareWith() {
    assertThat(missed(but(Subject.OFFICIAL_6))).isEmpty();
    assertThat(Targets.FULL.gates(but(Subject.OFFICIAL_6))).allMatch(gate -> gate.value() != null);
  }

  @Test
  void aBoundIsItselfAccepted() {
    assertThat(new Gate("x", 0.7, true, 0.7).verdict()).isEqualTo("met");
    assertThat(new Gate("x", 0.6, false, 0.6).verdict()).isEqualTo("met");
    assertThat(new Gate("x", 0.69, true, 0.7).verdict()).isEqualTo("MISSED");
    assertThat(new Gate("x", 0.61, false, 0.6).verdict()).isEqualTo("MISSED");
    assertThat(new Gate("x", Double.NaN, false, 0.6).verdict()).isEqualTo("MISSED");
  }

  @Test
  void wholeNumbersKeepTheirZeros() {
    assertThat(new Gate("x", 0.0, false, 100).asked()).isEqualTo("≤ 100");
    assertThat(new Gate("x", 0.0, false, 100).was()).isEqualTo("0");
  }
}
