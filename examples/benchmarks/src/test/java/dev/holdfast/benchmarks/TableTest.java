package dev.holdfast.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

  private final Table table =
      new Table("subject", "rate").row(List.of("bare loop", "52")).row(List.of("a", "1,000"));

  @Test
  void columnsAreAlignedOnATerminal() {
    assertThat(table.plain())
        .isEqualTo(
            """
            subject     rate
            bare loop     52
            a          1,000
            """);
  }

  @Test
  void aPageHasTheNumbersToTheRight() {
    assertThat(table.markdown())
        .isEqualTo(
            """
            | subject | rate |
            |---|--:|
            | bare loop | 52 |
            | a | 1,000 |
            """);
  }

  @Test
  void aRowThatIsTooShortIsRefused() {
    assertThatThrownBy(() -> table.row(List.of("a"))).hasMessage("1 cells: expected 2");
  }
}
