package dev.holdfast.local.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.conductor.real.ConductorServer;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A real server answers the script as it is recorded. Run with {@code -Dwire.record=true} to
 * record.
 */
@Tag("conductor")
@Timeout(600)
class RealWireTest {

  @Test
  void theRealServerAnswersAsRecordedAndThisOneLikeItButForTheDeviations() {
    URI base = ConductorServer.shared().baseUrl();
    URI root = URI.create("http://" + base.getAuthority());
    Transcript real = Transcript.of(root, Script.steps());
    if (Boolean.getBoolean("wire.record")) {
      Recording.write(real.lines());
      return;
    }
    assertThat(real.lines()).isEqualTo(Recording.read());
    assertThat(real.members()).as("listed as not served").containsAll(Shape.NOT_SERVED);

    Map<String, String> differ = Deviation.lines();
    Transcript ours = WireContractTest.local();
    ours.lines()
        .forEach(
            (step, line) -> {
              if (differ.containsKey(step)) {
                assertThat(line).as(step).isNotEqualTo(real.lines().get(step));
              } else {
                assertThat(line).as(step).isEqualTo(real.lines().get(step));
              }
            });
  }
}
