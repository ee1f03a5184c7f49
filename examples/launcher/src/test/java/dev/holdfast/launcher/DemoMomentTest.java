package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.launcher.DemoMoment.Server;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class DemoMomentTest {

  private static final Duration AT = Duration.ofMillis(4_449);

  @Test
  void itSaysWhatIsDoneAndWhatBecameOfTheServer() {
    DemoMoment up = new DemoMoment(AT, 133, 400, 20, 3, Server.UP);
    assertThat(up.bar())
        .isEqualTo("  4.4s  [######..............]  33%  133 of 400 done, 20 running");
    assertThat(up.line()).isEqualTo("  4.4s  133 of 400 done, 20 running");
    DemoMoment away = new DemoMoment(AT, 133, 400, 0, 20, Server.AWAY);
    assertThat(away.bar())
        .isEqualTo("  4.4s  [######..............]  33%  133 of 400, server away, 20 results wait");
    assertThat(away.line()).isEqualTo("  4.4s  133 of 400, server away, 20 results wait");
    assertThat(new DemoMoment(AT, 133, 400, 0, 1, Server.BACK).line())
        .isEqualTo("  4.4s  133 of 400, server back, 1 result waits");
  }

  @Test
  void itIsNeverWiderThanATerminalAndHoldsNothingButAscii() {
    int[] numbers = {0, 1, 19, 133, 400, 9_999, Integer.MAX_VALUE};
    for (Server server : Server.values()) {
      for (int done : numbers) {
        for (int other : numbers) {
          DemoMoment moment =
              new DemoMoment(Duration.ofHours(done), done, other, other, done, server);
          assertThat(moment.bar()).hasSizeLessThan(80).matches("[ -~]*");
          assertThat(moment.line()).hasSizeLessThan(80).matches("[ -~]*");
        }
      }
    }
  }

  @Test
  void theBarGrowsWithWhatIsDoneAndIsFullOnlyAtTheEnd() {
    int last = 0;
    for (int done = 0; done <= 400; done++) {
      String bar = new DemoMoment(AT, done, 400, 0, 0, Server.UP).bar();
      int filled = (int) bar.chars().filter(c -> c == '#').count();
      assertThat(filled).isBetween(last, 20);
      assertThat(filled == 20).as(bar).isEqualTo(done == 400);
      assertThat(bar.contains("100%")).as(bar).isEqualTo(done == 400);
      last = filled;
    }
    assertThat(last).isEqualTo(20);
  }
}
