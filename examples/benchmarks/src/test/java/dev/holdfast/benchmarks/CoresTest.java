package dev.holdfast.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoresTest {

  @ParameterizedTest
  @CsvSource({"'0-1', 0, 1", "'4,6-9', 4, 6", "'3-7', 3, 4", "'2,5', 2, 5"})
  void theFirstTwoThatMayBeUsedAreTaken(String list, int server, int worker) {
    assertThat(Cores.of(list)).isEqualTo(new Cores(server, worker));
  }

  @Test
  void oneIsNotEnough() {
    assertThatThrownBy(() -> Cores.of("3"))
        .hasMessage("the cores to be used are 3: expected two or more, one for the server");
  }
}
