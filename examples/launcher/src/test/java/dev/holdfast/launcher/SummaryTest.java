package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.worker.WorkerStats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class SummaryTest {

  @Test
  void theKeysAndTheirOrderAreTheInterface() {
    WorkerStats stats = new WorkerStats(1, 2, 3, 4, 5, 6, 7, 8, 90, 10, 110, 120, 130);
    assertThat(Summary.of(stats))
        .isEqualTo(
            "{\"polled\":1,\"started\":2,\"completed\":3,\"failed\":4,\"released\":5,"
                + "\"delivered\":6,\"rejected\":7,\"late\":8,\"outbox\":10}");
  }
}
