package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class DurationsTest {

  @ParameterizedTest
  @CsvSource({
    "500ms, PT0.5S",
    "2s, PT2S",
    "5m, PT5M",
    "1h, PT1H",
    "1ms, PT0.001S",
    "8760h, PT8760H",
    "1500ms, PT1.5S",
    "90s, PT1M30S"
  })
  void aNumberAndAUnitIsADurationThatIsWrittenBackAlike(String text, Duration expected) {
    assertThat(Durations.parse(text)).contains(expected);
    assertThat(Durations.format(expected)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "s",
        "0s",
        "0ms",
        "-1s",
        "1.5s",
        "5 s",
        "5S",
        "1d",
        "8761h",
        "9999999999s",
        "inf",
        "PT5S",
        "1h30m",
        "٣s"
      })
  void anythingElseIsNone(String text) {
    assertThat(Durations.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"3600s, 1h", "60000ms, 1m", "120s, 2m", "7200s, 2h"})
  void itIsWrittenInTheLargestUnitThatHoldsIt(String text, String expected) {
    assertThat(Durations.parse(text).map(Durations::format)).contains(expected);
  }
}
