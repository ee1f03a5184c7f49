package dev.holdfast.launcher;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Every workflow that the demo started, and what the server last said of each. Nothing in it comes
 * from the worker. Thread-safe.
 */
final class Ledger {

  private static final String COMPLETED = "COMPLETED";

  /** What a workflow is called that the server knows nothing of, though it gave it its id. */
  private static final String UNKNOWN = "UNKNOWN";

  private static final Set<String> ENDED =
      Set.of(COMPLETED, "FAILED", "TIMED_OUT", "TERMINATED", UNKNOWN);

  private static final int PARALLEL = 8;
  private static final Duration COUNT = Duration.ofSeconds(10);

  /** Workflows end about in the order of their start, so a look at the oldest is enough. */
  private static final int WINDOW = 64;

  private final Map<String, String> statuses = new LinkedHashMap<>();
  private final Set<String> open = new LinkedHashSet<>();
  private int completed;

  synchronized void add(String id) {
    statuses.put(id, "RUNNING");
    open.add(id);
  }

  synchronized int completed() {
    return completed;
  }

  synchronized boolean allEnded() {
    return open.isEmpty();
  }

  synchronized List<String> ids() {
    return List.copyOf(statuses.keySet());
  }

  /** Asks for the oldest of those that were not seen to end. Never errors: it is asked again. */
  Mono<Void> look(ConductorApi api) {
    return Flux.defer(() -> Flux.fromIterable(oldest()))
        .flatMap(
            id ->
                status(api, id)
                    .doOnNext(status -> note(id, status))
                    .onErrorComplete(ServerFailure.class),
            PARALLEL)
        .then();
  }

  /**
   * Asks for all of them, and adds up. Never errors: where the server does not answer, it goes by
   * what that said before.
   */
  Mono<Tally> count(ConductorApi api) {
    return Flux.defer(() -> Flux.fromIterable(ids()))
        .flatMap(id -> seen(api, id).onErrorResume(e -> Mono.just(known(id))), PARALLEL)
        .collectList()
        .timeout(COUNT)
        .onErrorResume(e -> Mono.fromSupplier(() -> ids().stream().map(this::known).toList()))
        .map(Ledger::tally);
  }

  private static Mono<Seen> seen(ConductorApi api, String id) {
    return api.workflow(id)
        .map(
            found ->
                new Seen(id, found.path("status").asString(UNKNOWN), found.path("tasks").size()))
        .retryWhen(
            Retry.fixedDelay(5, Duration.ofMillis(200))
                .filter(e -> !isUnknown(e))
                .onRetryExhaustedThrow((spec, signal) -> signal.failure()))
        .onErrorResume(Ledger::isUnknown, e -> Mono.just(new Seen(id, UNKNOWN, 0)));
  }

  private synchronized Seen known(String id) {
    return new Seen(id, statuses.getOrDefault(id, UNKNOWN), 1);
  }

  private static Mono<String> status(ConductorApi api, String id) {
    return api.status(id).onErrorResume(Ledger::isUnknown, e -> Mono.just(UNKNOWN));
  }

  private static boolean isUnknown(Throwable e) {
    return e instanceof ServerFailure failure && failure.status() == 404;
  }

  private synchronized List<String> oldest() {
    List<String> window = new ArrayList<>();
    Iterator<String> next = open.iterator();
    while (next.hasNext() && window.size() < WINDOW) {
      window.add(next.next());
    }
    return window;
  }

  private synchronized void note(String id, String status) {
    statuses.put(id, status);
    if (ENDED.contains(status) && open.remove(id) && status.equals(COMPLETED)) {
      completed++;
    }
  }

  private static Tally tally(List<Seen> all) {
    Map<String, String> lost = new LinkedHashMap<>();
    int again = 0;
    for (Seen seen : all) {
      again += Math.max(0, seen.tasks - 1);
      if (!seen.status.equals(COMPLETED)) {
        lost.put(seen.id, seen.status);
      }
    }
    return new Tally(all.size(), again, lost);
  }

  private record Seen(String id, String status, int tasks) {}

  /**
   * What the server says in the end.
   *
   * @param submitted workflows that were started
   * @param again tasks that were run beyond the first of each workflow
   * @param lost the workflows that are not completed, with their status
   */
  record Tally(int submitted, int again, Map<String, String> lost) {

    int completed() {
      return submitted - lost.size();
    }
  }
}
