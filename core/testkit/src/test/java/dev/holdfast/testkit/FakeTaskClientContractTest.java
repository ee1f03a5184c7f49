package dev.holdfast.testkit;

import dev.holdfast.client.TaskClient;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The fake server's own client keeps the contract, in real time. */
class FakeTaskClientContractTest implements TaskClientContract {

  private static final Scheduler SCHEDULER = Schedulers.newParallel("fake-task-server", 2);

  @RegisterExtension final LeakGuard guard = new LeakGuard();

  private final FakeTaskServer server = FakeTaskServer.on(SCHEDULER);
  private final TaskClient client = server.client();

  @AfterAll
  static void stop() {
    SCHEDULER.dispose();
  }

  @Override
  public TaskClient client() {
    return client;
  }

  @Override
  public String newTaskType() {
    String type = "type-" + UUID.randomUUID();
    server.define(type, TaskTypeSpec.defaults().withRetries(0));
    return type;
  }

  @Override
  public void submit(String taskType, @Nullable String domain, Map<String, ?> input) {
    server.submit(taskType, domain, input);
  }

  @Override
  public Map<String, Object> output(String taskId) {
    return server.output(taskId);
  }
}
