package dev.holdfast.conductor.real;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a test makes beside the worker: definitions, workflows, and a look at what became
 * of them. Blocking, on the JDK's own client, so that nothing under test judges itself.
 * Thread-safe.
 */
public final class ConductorApi {
  private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
  private static final Duration UNDECIDED_LIMIT = Duration.ofSeconds(1);

  private final URI base;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  /** A view of the server whose worker API stands at that address. */
  public ConductorApi(URI base) {
    this.base = base;
  }

  /** {@return the base of the worker API} */
  public URI base() {
    return base;
  }

  /** Defines task types, or redefines them. */
  public void define(TaskDefinition... types) {
    expectOk("POST", "/metadata/taskdefs", Stream.of(types).map(TaskDefinition::json).toList());
  }

  /**
   * Defines a workflow, or redefines it: its steps run in order, each gets the workflow's input
   * under {@code input}, and its reference name is {@code TYPE_INDEX}.
   */
  public void defineWorkflow(String name, String... taskTypes) {
    List<Map<String, Object>> steps = new ArrayList<>();
    for (String type : taskTypes) {
      steps.add(
          Map.of(
              "name",
              type,
              "taskReferenceName",
              type + "_" + steps.size(),
              "type",
              "SIMPLE",
              "inputParameters",
              Map.of("input", "${workflow.input}")));
    }
    // Not POST: a repeat of it answers 500 on 3.21.14.
    expectOk(
        "PUT",
        "/metadata/workflow",
        List.of(
            Map.of(
                "name",
                name,
                "version",
                1,
                "schemaVersion",
                2,
                "ownerEmail",
                "tests@holdfast.dev",
                "timeoutSeconds",
                0,
                "timeoutPolicy",
                "ALERT_ONLY",
                "tasks",
                steps)));
  }

  /** {@return the id of a new run of the workflow} */
  public String startWorkflow(String name, Map<String, ?> input) {
    return expectOk("POST", "/workflow/" + encode(name), input);
  }

  /** {@return the id of a run of one task of the type, whose input is just this} */
  public String startTask(String type, @Nullable String domain, Map<String, ?> input) {
    Map<String, String> parameters = new HashMap<>();
    input.keySet().forEach(name -> parameters.put(name, "${workflow.input." + name + "}"));
    Map<String, Object> step =
        Map.of(
            "name",
            type,
            "taskReferenceName",
            "step",
            "type",
            "SIMPLE",
            "inputParameters",
            parameters);
    Map<String, Object> definition =
        Map.of(
            "name",
            "one-" + type,
            "version",
            1,
            "schemaVersion",
            2,
            "ownerEmail",
            "tests@holdfast.dev",
            "timeoutSeconds",
            0,
            "tasks",
            List.of(step));
    Map<String, Object> start = new HashMap<>();
    start.put("name", "one-" + type);
    start.put("version", 1);
    start.put("input", input);
    start.put("workflowDef", definition);
    if (domain != null) {
      start.put("taskToDomain", Map.of(type, domain));
    }
    return expectOk("POST", "/workflow", start);
  }

  /** {@return the output that the server keeps of a task} */
  public Map<String, Object> output(String taskId) {
    Map<String, ?> task = Json.readObject(expectOk("GET", "/tasks/" + encode(taskId), null));
    return new HashMap<>(Json.object(task.get("outputData")));
  }

  /** {@return the workflow and its tasks as they stand} */
  public WorkflowRun workflow(String id) {
    return WorkflowRun.of(
        Json.readObject(expectOk("GET", "/workflow/" + encode(id) + "?includeTasks=true", null)));
  }

  /**
   * {@return the workflow once it has ended} Without its lock, the server can overwrite a
   * workflow's last decision with an older one (one in 300 under load); a workflow whose tasks have
   * all ended for a second is therefore decided anew.
   */
  public WorkflowRun awaitEnd(String id, Duration limit) {
    long begun = System.nanoTime();
    long lastMoving = begun;
    while (true) {
      WorkflowRun run = workflow(id);
      long now = System.nanoTime();
      if (run.ended()) {
        return run;
      }
      if (now - begun > limit.toNanos()) {
        throw new AssertionError("Not ended after " + limit + ": " + run);
      }
      if (!run.tasks().stream().allMatch(TaskRun::ended)) {
        lastMoving = now;
      } else if (now - lastMoving > UNDECIDED_LIMIT.toNanos()) {
        expectOk("PUT", "/workflow/decide/" + encode(id), null);
        lastMoving = now;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  /** Terminates a workflow; what its workers still send is ignored by the server. */
  public void terminate(String workflowId) {
    expectOk("DELETE", "/workflow/" + encode(workflowId), null);
  }

  /** {@return how many tasks of the type wait to be polled} */
  public int queueSize(String taskType) {
    return Integer.parseInt(
        expectOk("GET", "/tasks/queue/size?taskType=" + encode(taskType), null));
  }

  /** {@return the tasks that a poll of that worker takes, at most {@code count}, without a wait} */
  public List<TaskRun> poll(String taskType, String workerId, int count) {
    String query = "?workerid=" + encode(workerId) + "&count=" + count + "&timeout=0";
    String body = expectOk("GET", "/tasks/poll/batch/" + encode(taskType) + query, null);
    return Json.readObjects(body).stream().map(TaskRun::of).toList();
  }

  /** Updates a polled task, as its worker would. */
  public void update(TaskRun task, String status, Map<String, ?> output) {
    expectOk(
        "POST",
        "/tasks",
        Map.of(
            "taskId", task.id(),
            "workflowInstanceId", task.workflowId(),
            "workerId", task.workerId(),
            "status", status,
            "outputData", output));
  }

  /** {@return whether the server answers that it is healthy} */
  public boolean healthy() {
    try {
      HttpResponse<String> reply =
          http.send(
              HttpRequest.newBuilder(base.resolve("/health"))
                  .timeout(Duration.ofSeconds(5))
                  .build(),
              BodyHandlers.ofString());
      return reply.statusCode() == 200 && reply.body().contains("\"healthy\":true");
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  /** {@return the answer to any call below the base, whatever its status} */
  public HttpResponse<String> call(String method, String path, @Nullable Object body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path)).timeout(CALL_LIMIT);
    if (body == null) {
      request.method(method, BodyPublishers.noBody());
    } else {
      request
          .method(method, BodyPublishers.ofString(Json.write(body)))
          .header("Content-Type", "application/json");
    }
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException failed) {
      throw new UncheckedIOException(method + " " + path + " failed", failed);
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  private String expectOk(String method, String path, @Nullable Object body) {
    HttpResponse<String> reply = call(method, path, body);
    if (reply.statusCode() != 200) {
      throw new AssertionError(
          method + " " + path + " answered " + reply.statusCode() + ": " + reply.body());
    }
    return reply.body();
  }

  private static UncheckedIOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    InterruptedIOException interrupted = new InterruptedIOException("interrupted in a call");
    interrupted.initCause(cause);
    return new UncheckedIOException(interrupted);
  }

  private static String encode(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
