package dev.holdfast.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.launcher.DemoMoment.Server;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(10)
class DemoScreenTest {

  /** What both streams wrote, in order: the terminal that they share. */
  private final ByteArrayOutputStream both = new ByteArrayOutputStream();

  private final PrintStream stream = new PrintStream(both, true, UTF_8);

  @Test
  void elsewhereThanOnATerminalThereAreLinesWithoutControlCharactersAndNotTooMany() {
    DemoScreen screen = new DemoScreen(stream, false, true);
    PrintStream log = screen.above(stream);
    for (int tenths = 0; tenths <= 50; tenths++) {
      screen.show(at(tenths, tenths));
      if (tenths == 25) {
        screen.say("said");
        log.println("logged");
      }
    }
    screen.rest();
    assertThat(both.toString(UTF_8))
        .matches("[ -~\\n]*")
        .isEqualTo(
            """
              0.0s  0 of 400 done
              2.0s  20 of 400 done
            said
            logged
              4.0s  40 of 400 done
            """);
  }

  @Test
  void onATerminalTheBarIsTheLastLineAndAllElseStandsAboveIt() {
    DemoScreen screen = new DemoScreen(stream, true, false);
    PrintStream log = screen.above(stream);
    screen.say("first");
    screen.show(at(1, 400));
    assertThat(displayed()).containsExactly("first", at(1, 400).bar());
    screen.say("second");
    log.println("12:00:00.000 WARN  third");
    assertThat(displayed())
        .containsExactly("first", "second", "12:00:00.000 WARN  third", at(1, 400).bar());
    screen.show(at(2, 3));
    assertThat(displayed()).endsWith(at(2, 3).bar());
    screen.rest();
    screen.say("last");
    assertThat(displayed()).containsExactly("first", "second", "12:00:00.000 WARN  third", "last");
  }

  @Test
  void withoutColoursNothingButACarriageReturnMovesTheCursor() {
    DemoScreen screen = new DemoScreen(stream, true, false);
    screen.show(away());
    screen.say("said");
    assertThat(both.toString(UTF_8)).contains("server away").matches("[ -~\\r\\n]*");
  }

  @Test
  void coloursMarkTheOutage() {
    new DemoScreen(stream, true, true).show(away());
    assertThat(both.toString(UTF_8)).contains("\u001b[31mserver away\u001b[0m");
  }

  @ParameterizedTest
  @CsvSource({
    "true,  xterm, '',  true,  true",
    "true,  xterm, 1,   true,  false",
    "true,  dumb,  '',  false, false",
    "true,  '',    '',  true,  false",
    "false, xterm, '',  false, false"
  })
  void theTerminalAndTheEnvironmentDecide(
      boolean terminal, String type, String noColour, boolean redraws, boolean colours) {
    Map<String, String> variables = Map.of("TERM", type, "NO_COLOR", noColour);
    DemoScreen.of(new Shell(variables, stream, stream, terminal, handler -> {}, code -> {}))
        .show(away());
    assertThat(both.toString(UTF_8).contains("\r")).isEqualTo(redraws);
    assertThat(both.toString(UTF_8).contains("\u001b")).isEqualTo(colours);
  }

  private static DemoMoment at(int tenths, int done) {
    return new DemoMoment(Duration.ofMillis(100L * tenths), done, 400, 0, 0, Server.UP);
  }

  private static DemoMoment away() {
    return new DemoMoment(Duration.ZERO, 1, 2, 0, 3, Server.AWAY);
  }

  /** The lines that a terminal shows: what a carriage return let be written over is gone. */
  private List<String> displayed() {
    List<String> lines = new ArrayList<>();
    for (String line : both.toString(UTF_8).split("\n", -1)) {
      StringBuilder cells = new StringBuilder();
      int column = 0;
      for (int i = 0; i < line.length(); i++) {
        char c = line.charAt(i);
        if (c == '\r') {
          column = 0;
        } else {
          cells.replace(column, Math.min(column + 1, cells.length()), String.valueOf(c));
          column++;
        }
      }
      String shown = cells.toString().stripTrailing();
      if (!shown.isEmpty()) {
        lines.add(shown);
      }
    }
    return lines;
  }
}
