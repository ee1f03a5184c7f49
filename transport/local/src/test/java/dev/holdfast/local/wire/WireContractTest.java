package dev.holdfast.local.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.local.LocalServerSpec;
import dev.holdfast.local.LocalTaskServer;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * This server answers the script as a real one does: as the {@linkplain Recording recording} of a
 * real one says, but for what is listed here as {@linkplain Deviation different on purpose}.
 */
@Timeout(120)
class WireContractTest {

  @Test
  void theScriptNamesEachStepOnce() {
    assertThat(Script.steps()).extracting(Step::name).doesNotHaveDuplicates();
    assertThat(Script.steps().size()).isGreaterThan(40);
  }

  @Test
  void thisServerAnswersAsTheRecordingOfTheRealOneSays() {
    Map<String, String> expected = new HashMap<>(Recording.read());
    assertThat(expected.keySet())
        .as("the recorded steps: run -Pconductor -Dwire.record=true after a change of the script")
        .containsExactlyInAnyOrderElementsOf(Script.steps().stream().map(Step::name).toList());
    Map<String, String> differ = Deviation.lines();
    differ.forEach(
        (step, line) -> {
          assertThat(expected).as("a deviation's step").containsKey(step);
          assertThat(expected.put(step, line)).as("really different: %s", step).isNotEqualTo(line);
        });

    Transcript ours = local();

    List<String> wrong = new ArrayList<>();
    ours.lines()
        .forEach(
            (step, line) -> {
              if (!line.equals(expected.get(step))) {
                wrong.add(step + "\n  expected " + expected.get(step) + "\n  answered " + line);
              }
            });
    assertThat(wrong).as("steps that are answered otherwise").isEmpty();
    assertThat(ours.members())
        .as("not served, though a definition that was given may name it")
        .doesNotContain("defaultExclusiveJoinTask", "decisionCases", "onStateChange", "createdBy");
  }

  static Transcript local() {
    LocalTaskServer server =
        Objects.requireNonNull(
            LocalTaskServer.start(LocalServerSpec.create().port(0)).block(Duration.ofSeconds(20)));
    try {
      return Transcript.of(URI.create("http://127.0.0.1:" + server.port()), Script.steps());
    } finally {
      server.stop().block(Duration.ofSeconds(20));
    }
  }
}
