package dev.holdfast.local;

import dev.holdfast.client.TaskClient;
import dev.holdfast.conductor.ConductorTaskClient;
import dev.holdfast.conductor.real.ConductorApi;
import dev.holdfast.conductor.real.TaskDefinition;
import dev.holdfast.testkit.TaskClientContract;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The worker's client against this server: the contract that it keeps with the real one. */
@ExtendWith(LeakDetection.class)
class LocalContractTest implements TaskClientContract {

  private final LocalTaskServer server = Servers.start();
  private final ConductorApi api = new ConductorApi(URI.create(server.url()));
  private final ConductorTaskClient client = ConductorTaskClient.create(server.url());

  @AfterEach
  void close() {
    client.close().block(Duration.ofSeconds(20));
    Servers.stop(server);
  }

  @Override
  public TaskClient client() {
    return client;
  }

  @Override
  public String newTaskType() {
    String type = "contract-" + UUID.randomUUID();
    api.define(
        TaskDefinition.of(type).timeout(Duration.ZERO).responseTimeout(Duration.ofMinutes(10)));
    return type;
  }

  @Override
  public void submit(String taskType, @Nullable String domain, Map<String, ?> input) {
    api.startTask(taskType, domain, input);
  }

  @Override
  public Map<String, Object> output(String taskId) {
    return api.output(taskId);
  }
}
