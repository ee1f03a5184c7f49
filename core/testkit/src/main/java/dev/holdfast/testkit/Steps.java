package dev.holdfast.testkit;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.Polled;
import dev.holdfast.client.TaskClient;
import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.Payload;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The steps that the tests of {@link TaskClientContract} are made of; they wait, as tests may. */
final class Steps {

  static final String WORKER = "contract-worker";

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Steps() {}

  static PollRequest request(String type, int count, Duration longPoll) {
    return new PollRequest(type, WORKER, null, count, longPoll);
  }

  static List<Polled> poll(TaskClient client, PollRequest request) {
    return get(client.poll(request).collectList().toFuture());
  }

  /** Leases just one, waiting for it. */
  static Task lease(TaskClient client, String type) {
    return leaseAll(client, type, 1).get(0);
  }

  static List<Task> leaseAll(TaskClient client, String type, int count) {
    return leaseAll(client, request(type, count, PollRequest.MAX_WAIT));
  }

  /** Polls until as many as are asked for have come, and never asks for more than are missing. */
  static List<Task> leaseAll(TaskClient client, PollRequest request) {
    List<Task> tasks = new ArrayList<>();
    until(
        () -> {
          PollRequest rest =
              new PollRequest(
                  request.taskType(),
                  request.workerId(),
                  request.domain(),
                  request.count() - tasks.size(),
                  request.longPoll());
          for (Polled polled : poll(client, rest)) {
            tasks.add(task(polled));
          }
          return tasks.size() >= request.count();
        });
    return tasks;
  }

  static Task task(@Nullable Polled polled) {
    if (polled instanceof Polled.Leased leased) {
      return leased.task();
    }
    throw new AssertionError("expected a task to run, and came " + polled);
  }

  static List<String> ids(List<Task> some, List<Task> more) {
    List<String> ids = new ArrayList<>();
    some.forEach(task -> ids.add(task.id()));
    more.forEach(task -> ids.add(task.id()));
    return ids;
  }

  static void update(TaskClient client, Task task, Outcome outcome) {
    await(client.update(encoded(client, task, outcome)));
  }

  static @Nullable Polled updateAndPoll(TaskClient client, Task task, Outcome outcome) {
    return await(client.updateAndPoll(encoded(client, task, outcome)));
  }

  private static TaskUpdate encoded(TaskClient client, Task task, Outcome outcome) {
    TaskUpdate raw = TaskUpdate.of(task, outcome, WORKER);
    Payload output = raw.output().encode(client.codec());
    return new TaskUpdate(
        raw.taskId(),
        raw.workflowId(),
        raw.status(),
        output,
        raw.reason(),
        raw.callbackAfter(),
        raw.workerId());
  }

  static TaskState find(TaskClient client, String taskId) {
    TaskState state = await(client.find(taskId));
    if (state == null) {
      throw new AssertionError("task " + taskId + " is not found");
    }
    return state;
  }

  static <T> @Nullable T await(Mono<T> mono) {
    return get(mono.toFuture());
  }

  static <T extends @Nullable Object> T get(CompletableFuture<T> future) {
    try {
      return future.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new AssertionError("the call failed: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new AssertionError("the call did not end within " + LIMIT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("what was awaited did not happen within " + LIMIT);
      }
      pause(Duration.ofMillis(20));
    }
  }

  static void pause(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
