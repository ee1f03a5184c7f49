package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class DemoReportTest {

  private static final DemoPlan PLAN = DemoPlan.standard();
  private static final String JAR = "java -jar examples/launcher/target/holdfast.jar";

  @Test
  void itSaysWhatWasSeenAndWhatToTryAndEndsWithTheTable() {
    Ledger.Tally tally = new Ledger.Tally(400, 25, Map.of());
    List<String> lines = new DemoReport(PLAN, tally, Set.of("a", "b"), JAR).lines();
    assertThat(lines)
        .allMatch(line -> line.length() <= 80)
        .contains("2 tasks finished while the server was away. Their results waited in the worker")
        .contains("25 tasks failed at their first try, on purpose; the server had them run again.")
        .contains(JAR, "  holdfast server")
        .endsWith(
            "       submitted 400",
            "       completed 400",
            "       run again 25",
            "  delivered late 2",
            "            lost 0");
  }

  @Test
  void whatTheCutHidIsToldApartFromWhatFailsOnPurpose() {
    Ledger.Tally tally = new Ledger.Tally(400, 28, Map.of());
    assertThat(new DemoReport(PLAN, tally, Set.of(), JAR).lines())
        .allMatch(line -> line.length() <= 80)
        .contains("25 tasks failed at their first try, on purpose; the server had them run again.")
        .contains("3 tasks were handed out twice: the cut hid the first time from the worker.")
        .contains("       run again 28");
  }

  @Test
  void whatIsLostIsNamedAndNotCountedAsDelivered() {
    Ledger.Tally tally = new Ledger.Tally(3, 0, Map.of("b", "TERMINATED"));
    List<String> lines = new DemoReport(PLAN, tally, Set.of("a", "b"), JAR).lines();
    assertThat(lines)
        .contains("The server does not have these as completed:", "  b TERMINATED")
        .noneMatch(line -> line.contains("were delivered"))
        .endsWith(
            "       submitted 3",
            "       completed 2",
            "       run again 0",
            "  delivered late 1",
            "            lost 1");
  }

  @Test
  void aLongListIsCut() {
    Map<String, String> lost = new LinkedHashMap<>();
    for (int i = 0; i < 50; i++) {
      lost.put("w" + i, "RUNNING");
    }
    List<String> lines = new DemoReport(PLAN, new Ledger.Tally(50, 0, lost), Set.of(), JAR).lines();
    assertThat(lines).hasSizeLessThan(35).contains("  w19 RUNNING", "  and 30 more");
    assertThat(lines).doesNotContain("  w20 RUNNING").endsWith("            lost 50");
  }

  @Test
  void theOpeningFitsATerminal() {
    assertThat(DemoReport.opening(PLAN)).allMatch(line -> line.length() <= 80);
  }
}
