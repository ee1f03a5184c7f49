package dev.holdfast.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuietestTest {

  private final Quietest rounds = new Quietest(2);

  private static Round round(double tasks, double others) {
    return new Round(tasks, 1, 1, 1, 1, 1, 0, 1, 0.5, others, 0, 1, 1, 1);
  }

  @Test
  void aDisturbedRoundIsReplacedByAQuieterOneWhateverCameOut() {
    rounds.add(round(50, 1.5));
    rounds.add(round(40, 0.05));
    assertThat(rounds.areQuiet()).isFalse();
    rounds.add(round(30, 0.02));
    assertThat(rounds.areQuiet()).isTrue();
    assertThat(rounds.all()).extracting(Round::tasksPerSecond).containsExactly(30.0, 40.0);
  }

  @Test
  void theLeastDisturbedStayIfNoneWasQuiet() {
    rounds.add(round(1, 1.5));
    rounds.add(round(2, 0.4));
    rounds.add(round(3, 0.9));
    assertThat(rounds.areQuiet()).isFalse();
    assertThat(rounds.all()).extracting(Round::othersLoad).containsExactly(0.4, 0.9);
  }

  @Test
  void tooFewAreNotEnough() {
    rounds.add(round(1, 0));
    assertThat(rounds.areQuiet()).isFalse();
  }
}
