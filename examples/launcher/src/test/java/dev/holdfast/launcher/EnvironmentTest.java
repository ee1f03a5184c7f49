package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class EnvironmentTest {

  private final Environment environment =
      new Environment(Map.of("HOLDFAST_DRAIN_TIMEOUT", "7s", "HOLDFAST_SLOTS", " "));

  @Test
  void anOptionBeatsItsVariable() {
    assertThat(environment.setting("--drain-timeout", "9s"))
        .contains(new Setting("--drain-timeout", "9s", ExitCode.USAGE));
  }

  @Test
  void aVariableStandsInForItsOption() {
    assertThat(environment.setting("--drain-timeout", null))
        .contains(new Setting("HOLDFAST_DRAIN_TIMEOUT", "7s", ExitCode.CONFIG));
  }

  @Test
  void aVariableThatIsSetToNothingIsNotSet() {
    assertThat(environment.setting("--slots", null)).isEmpty();
  }

  @Test
  void neitherTheEnvironmentNorASettingPrintsAValue() {
    assertThat(environment).asString().doesNotContain("7s");
    assertThat(environment.setting("--drain-timeout", null)).get().asString().doesNotContain("7s");
  }
}
