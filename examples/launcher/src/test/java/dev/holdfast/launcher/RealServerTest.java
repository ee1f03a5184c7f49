package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.conductor.real.ConductorApi;
import dev.holdfast.conductor.real.ConductorServer;
import dev.holdfast.conductor.real.TaskDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Worker processes on a real server: a deploy in the middle of the work. */
@Tag("conductor")
@Timeout(240)
class RealServerTest {

  private static final int TASKS = 50;

  private final ConductorApi api = ConductorServer.shared().api();
  private final String type = "deploy-" + UUID.randomUUID().toString().substring(0, 8);

  @TempDir Path folder;

  /** The first worker's handlers outlast its drain, so it hands all back; the second is quick. */
  @Test
  void aSignalHandsFiftyRunningTasksToTheNextWorkerWithoutATimeout() throws Exception {
    List<String> ids = submit();
    Process old = worker("old", "sleep:10m", "4s");
    InProcess.await(() -> api.queueSize(type) == 0);
    CommandProcess.kill(old, "TERM");
    assertThat(CommandProcess.exitCode(old)).as(read("old", "err")).isZero();
    assertThat(read("old", "out"))
        .contains("\"polled\":50,", "\"completed\":0,", "\"released\":50,", "\"outbox\":0");
    Process next = worker("next", "echo", "25s");
    allEndWell(ids);
    CommandProcess.kill(next, "TERM");
    assertThat(CommandProcess.exitCode(next)).as(read("next", "err")).isZero();
    assertThat(read("next", "out")).contains("\"completed\":50,", "\"delivered\":50,");
  }

  /** What the signal finds on its way to the worker has not started, and is handed back. */
  @Test
  void aSignalLetsFinishWhatRunsAndTheNextWorkerTakesTheRest() throws Exception {
    List<String> ids = submit();
    Process old = worker("old", "sleep:5s", "25s");
    InProcess.await(() -> api.queueSize(type) == 0);
    CommandProcess.kill(old, "TERM");
    assertThat(CommandProcess.exitCode(old)).as(read("old", "err")).isZero();
    assertThat(read("old", "out"))
        .containsPattern("\"completed\":[1-9]")
        .contains("\"polled\":50,", "\"delivered\":50,", "\"late\":0,\"outbox\":0");
    Process next = worker("next", "echo", "25s");
    allEndWell(ids);
    CommandProcess.kill(next, "TERM");
    assertThat(CommandProcess.exitCode(next)).as(read("next", "err")).isZero();
  }

  private List<String> submit() {
    Duration longest = Duration.ofMinutes(20);
    api.define(TaskDefinition.of(type).timeout(longest).responseTimeout(Duration.ofMinutes(10)));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      ids.add(api.startTask(type, null, Map.of("n", i)));
    }
    return ids;
  }

  private void allEndWell(List<String> ids) {
    assertThat(ids)
        .allSatisfy(
            id ->
                assertThat(api.awaitEnd(id, Duration.ofMinutes(1)).status())
                    .isEqualTo("COMPLETED"));
  }

  private Process worker(String name, String handler, String drain) throws Exception {
    return CommandProcess.start(
        Files.createDirectory(folder.resolve(name)),
        Map.of("CONDUCTOR_SERVER_URL", api.base().toString()),
        "worker",
        "--task=" + type,
        "--handler=" + handler,
        "--slots=" + TASKS,
        "--drain-timeout=" + drain);
  }

  private String read(String name, String stream) {
    return CommandProcess.read(folder.resolve(name).resolve(stream));
  }
}
