package dev.holdfast.testkit;

import dev.holdfast.client.PollRequest;
import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskClient;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A fake server on virtual time, and a hand to call it with. */
class FakeServerBench {

  final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  final FakeTaskServer server = FakeTaskServer.on(time);
  final TaskClient client = server.client();

  /** What came of a call, seen without waiting. */
  final class Seen<T> {
    final List<T> values = new ArrayList<>();
    @Nullable Throwable error;
    boolean completed;
    long endedMillis = -1;
    final Disposable subscription;

    Seen(Publisher<T> call) {
      subscription =
          Flux.from(call)
              .subscribe(
                  values::add,
                  failure -> {
                    error = failure;
                    endedMillis = millis();
                  },
                  () -> {
                    completed = true;
                    endedMillis = millis();
                  });
    }

    ServerFailure failure() {
      return (ServerFailure) Objects.requireNonNull(error);
    }
  }

  long millis() {
    return time.now(TimeUnit.MILLISECONDS);
  }

  void pass(Duration duration) {
    time.advanceTimeBy(duration);
  }

  <T> Seen<T> call(Publisher<T> call) {
    Seen<T> seen = new Seen<>(call);
    pass(Duration.ofMillis(2));
    return seen;
  }

  static PollRequest ask(String type, int count, Duration wait) {
    return new PollRequest(type, "w1", null, count, wait);
  }

  Seen<Polled> poll(String type, int count) {
    return call(client.poll(ask(type, count, Duration.ZERO)));
  }

  Task lease(String type) {
    return leased(poll(type, 1)).get(0);
  }

  static List<Task> leased(Seen<Polled> seen) {
    return seen.values.stream().map(polled -> ((Polled.Leased) polled).task()).toList();
  }

  TaskUpdate result(Task task, Outcome outcome) {
    return TaskUpdate.of(task, encoded(outcome), "w1");
  }

  Outcome encoded(Outcome outcome) {
    if (outcome instanceof Outcome.Completed completed) {
      return new Outcome.Completed(completed.output().encode(client.codec()));
    }
    if (outcome instanceof Outcome.RetryLater later) {
      return new Outcome.RetryLater(later.delay(), later.output().encode(client.codec()));
    }
    return outcome;
  }
}
