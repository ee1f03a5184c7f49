package dev.holdfast.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {

  private static final Path HOME = Path.of("home");

  private static Arguments parse(String... arguments) {
    return Arguments.parse(List.of(arguments), HOME);
  }

  @Test
  void allSubjectsAreMeasuredInFiveRoundsUnlessSomethingElseIsSaid() {
    Arguments arguments = parse();
    assertThat(arguments.subjects()).containsExactly(Subject.values());
    assertThat(arguments.rounds()).isEqualTo(5);
    assertThat(arguments.quick()).isFalse();
    assertThat(arguments.output()).isEqualTo(HOME);
  }

  @Test
  void aSmokeTestIsShortLeavesTheOfficialClientOutAndWritesNothing() {
    Arguments arguments = parse("--quick");
    assertThat(arguments.subjects()).isEqualTo(Arguments.QUICK);
    assertThat(arguments.rounds()).isEqualTo(2);
    assertThat(arguments.output()).isNull();
  }

  @Test
  void whatIsSaidHoldsWhereverQuickStands() {
    assertThat(parse("--rounds", "7", "--quick").rounds()).isEqualTo(7);
    assertThat(parse("--quick", "--rounds", "7").rounds()).isEqualTo(7);
  }

  @Test
  void aPartOfTheSubjectsIsNotWrittenOverTheResultsOfAll() {
    Arguments arguments = parse("--only", "holdfast-v1,bare");
    assertThat(arguments.subjects()).containsExactly(Subject.BARE, Subject.HOLDFAST_V1);
    assertThat(arguments.output()).isNull();
    assertThat(parse("--only", "bare", "--output", "out").output()).isEqualTo(Path.of("out"));
    assertThat(parse("--output", "out", "--only", "bare").output()).isEqualTo(Path.of("out"));
  }

  @Test
  void oneOfThoseThatAreMeasuredMayBeProfiled() {
    assertThat(parse("--only", "bare", "--profile", "bare").profiled()).isEqualTo(Subject.BARE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          --fast | '--fast' is no option: expected one of --help's list
          --rounds | --rounds has no value: expected one behind it
          --rounds 0 | --rounds is '0': expected a number from 1 to 100
          --rounds 101 | --rounds is '101': expected a number from 1 to 100
          --seconds x | --seconds is 'x': expected a number from 1 to 600
          --warm-up -1 | --warm-up is '-1': expected a number from 1 to 600
          --only bare --profile holdfast-v1 | --profile holdfast-v1 is not measured: expected it in --only
          """)
  void whatCanNotBeUsedIsNamedInOneLine(String arguments, String message) {
    assertThatExceptionOfType(BadArgument.class)
        .isThrownBy(() -> parse(arguments.split(" ", -1)))
        .withMessage(message);
  }

  @Test
  void aSubjectThatThereIsNotIsNamedWithThoseThatThereAre() {
    assertThatExceptionOfType(BadArgument.class)
        .isThrownBy(() -> parse("--only", "bare,foo"))
        .withMessageStartingWith("--only names 'foo': expected bare, bare-tree, holdfast-v1,");
  }
}
