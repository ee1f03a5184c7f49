package dev.holdfast.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class ReportTest {

  private static Report report(Results results) {
    return new Report(results, Targets.FULL.gates(results), Map.of("machine", "2 cores"));
  }

  @Test
  void aTerminalOfAHundredColumnsIsEnough() {
    assertThat(report(Figures.good()).plain().lines())
        .allMatch(line -> line.length() <= 100)
        .anyMatch(line -> line.startsWith("Holdfast v1") && line.contains("45.0 (45.0–45.0)"));
  }

  @Test
  void thePageNamesTheMachineTheFiguresAndTheVerdicts() {
    assertThat(report(Figures.good()).markdown())
        .contains("- machine: 2 cores\n")
        .contains("| official 6.0.0, 1 ms | 20.0 (20.0–20.0) | 40.0 (40.0–40.0) | 13.0 |")
        .contains("| Holdfast v1 / bare loop, tasks a second | ≥ 0.7 | 0.9 | met |")
        .contains("## 100 ms handlers, 1,000 slots");
  }

  @Test
  void whatCouldNotBeMeasuredIsSaidWithTheReason() {
    Results results = new Results();
    results.add(Subject.BARE, Figures.round(1, 1));
    results.absent(Subject.OFFICIAL_6, "no JDK 21 or newer");
    assertThat(report(results).plain())
        .contains("official 6.0.0, 1 ms: not measured: no JDK 21 or newer\n");
    assertThat(report(results).markdown())
        .contains("- official 6.0.0, 1 ms: not measured: no JDK 21 or newer\n")
        .doesNotContain("1,000 slots\n\nMedians");
  }

  @Test
  void aBusyMachineIsNotKeptQuiet() {
    Results results = new Results();
    results.add(Subject.BARE, new Round(1, 1, 1, 1, 1, 1, 0, 1, 0.5, 0.64, 0, 1, 1, 1));
    assertThat(report(results).plain()).contains("other work took up to 0.64 cores");
    assertThat(report(Figures.good()).plain()).doesNotContain("other work took");
  }

  @Test
  void aSecondVersionThatWasNeverUsedIsSaid() {
    Results results = new Results();
    results.add(Subject.HOLDFAST_V2, new Round(1, 1, 1, 1, 1, 1, 0, 1, 0.5, 0, 0, 1, 1, 1));
    assertThat(report(results).plain())
        .contains("Holdfast v2, adaptive, echo, 100 slots: its updates brought no tasks");
    assertThat(report(Figures.good()).plain()).doesNotContain("brought no tasks");
  }

  @Test
  void thePlotIsWellFormedAndShowsEachSubjectWithItsValue() throws Exception {
    String svg = Plot.of(Figures.good());
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    var rectangles = document.getElementsByTagName("rect");
    // The background; eight subjects twice; three that wait.
    assertThat(rectangles.getLength()).isEqualTo(1 + 2 * 8 + 3);
    assertThat(svg).contains(">Holdfast v2, adaptive</text>").contains(">45.0</text>");
  }

  @Test
  void aBarIsAsLongAsItsMedianAndItsWhiskerReachesOverTheRange() {
    Results results = new Results();
    for (double rate : List.of(20_000.0, 40_000.0, 50_000.0)) {
      results.add(Subject.BARE, Figures.round(rate, 10));
    }
    // 560 px are 50: the median of 40 ends at 448, the range goes from 224 to 560, behind 190.
    assertThat(Plot.of(results))
        .contains("x=\"190\" y=\"34\" width=\"448.0\"")
        .contains("M414.0 42.0H750.0");
  }
}
