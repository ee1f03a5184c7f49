package dev.holdfast.benchmarks.peer;

import com.netflix.conductor.client.automator.TaskRunnerConfigurer;
import com.netflix.conductor.client.http.ConductorClient;
import com.netflix.conductor.client.http.ConnectionPoolConfig;
import com.netflix.conductor.client.http.TaskClient;
import com.netflix.conductor.client.worker.Worker;
import com.netflix.conductor.common.metadata.tasks.Task;
import com.netflix.conductor.common.metadata.tasks.TaskResult;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * The official client with 100 threads for an echo. Its pool keeps a connection for each of them:
 * the default of five would have it connect anew all the time.
 *
 * <p>Variants: {@code tuned}, a poll interval of 1 ms and polls of up to 100 tasks; {@code
 * default}, both as they come.
 */
public final class OfficialClient implements Callable<AutoCloseable> {

  private static final int THREADS = 100;

  private final TaskClient client;
  private final boolean tuned;

  public OfficialClient(String url, String variant) {
    this.tuned = variant.equals("tuned");
    this.client =
        new TaskClient(
            ConductorClient.builder()
                .basePath(url)
                .connectionPoolConfig(
                    new ConnectionPoolConfig(2 * THREADS, 5, TimeUnit.MINUTES))
                .build());
  }

  @Override
  public AutoCloseable call() {
    TaskRunnerConfigurer.Builder builder =
        new TaskRunnerConfigurer.Builder(client, List.of(tuned ? new Tuned() : new Echo()))
            .withTaskThreadCount(Map.of("ship", THREADS))
            .withThreadCount(THREADS);
    if (tuned) {
      builder.withTaskPollCount(THREADS);
    }
    TaskRunnerConfigurer runner = builder.build();
    runner.init();
    return runner::shutdown;
  }

  private static class Echo implements Worker {
    @Override
    public String getTaskDefName() {
      return "ship";
    }

    @Override
    public TaskResult execute(Task task) {
      TaskResult result = new TaskResult(task);
      result.setStatus(TaskResult.Status.COMPLETED);
      result.setOutputData(task.getInputData());
      return result;
    }
  }

  private static final class Tuned extends Echo {
    @Override
    public int getPollingInterval() {
      return 1;
    }
  }
}
