package dev.holdfast.conductor.real;

import dev.holdfast.client.TaskClient;
import dev.holdfast.conductor.ConductorTaskClient;
import dev.holdfast.testkit.TaskClientContract;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/** The client against a real server. */
@Tag("conductor")
class ConductorContractTest implements TaskClientContract {

  private final ConductorApi api = ConductorServer.shared().api();
  private final ConductorTaskClient client =
      ConductorTaskClient.create(ConductorServer.shared().baseUrl().toString());

  @AfterEach
  void close() {
    client.close().block(Duration.ofSeconds(20));
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
