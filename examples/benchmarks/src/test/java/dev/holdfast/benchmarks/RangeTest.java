package dev.holdfast.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RangeTest {

  @Test
  void ofAnOddNumberTheMedianIsTheMiddleOne() {
    assertThat(Range.of(9, 1, 5)).isEqualTo(new Range(5, 1, 9));
  }

  @Test
  void ofAnEvenNumberTheMedianLiesBetweenTheMiddleTwo() {
    assertThat(Range.of(4, 1, 2, 100)).isEqualTo(new Range(3, 1, 100));
  }

  @Test
  void ofOneValueAllAreAlike() {
    assertThat(Range.of(7)).isEqualTo(new Range(7, 7, 7));
  }

  @Test
  void theValuesThatWereGivenStayInTheirOrder() {
    double[] values = {3, 1, 2};
    Range.of(values);
    assertThat(values).containsExactly(3, 1, 2);
  }

  @Test
  void ofNothingThereIsNone() {
    assertThatThrownBy(Range::of).hasMessage("no values: expected at least one");
  }

  @Test
  void isWrittenWithItsDecimals() {
    assertThat(new Range(52.149, 50.26, 53).text(1)).isEqualTo("52.1 (50.3–53.0)");
  }
}
