package dev.holdfast.launcher;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code submit}: register, start, and perhaps wait. */
final class Submission {

  private static final Logger log = LoggerFactory.getLogger(Submission.class);

  private static final int PARALLEL = 4;
  private static final Duration CLEANUP = Duration.ofSeconds(2);
  private static final Duration FIRST_LOOK = Duration.ofMillis(100);
  private static final Duration LOOK = Duration.ofSeconds(1);

  /**
   * How often a look at a workflow may fail in a row: with the delays between, a minute and a half.
   */
  private static final int PATIENCE = 14;

  private static final Duration PATIENCE_FOR_WORKERS = Duration.ofMinutes(10);

  private static final Set<String> ENDED = Set.of("COMPLETED", "FAILED", "TIMED_OUT", "TERMINATED");

  private final HttpCalls http;
  private final ConductorApi api;
  private final OneTaskWorkflow definitions;
  private final String task;
  private final ObjectNode input;
  private final Shell shell;
  private final Sinks.Empty<Void> stop = Sinks.empty();
  private final AtomicBoolean troubled = new AtomicBoolean();
  private final AtomicInteger signals = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  Submission(Connection server, String task, ObjectNode input, Shell shell) {
    this.http = new HttpCalls(server, PARALLEL);
    this.api = new ConductorApi(http, server.credentials());
    this.definitions = new OneTaskWorkflow(task);
    this.task = task;
    this.input = input;
    this.shell = shell;
  }

  /** Starts so many workflows and answers the exit code. */
  int run(int count, boolean wait) {
    try {
      shell.signals().handle(this::onSignal);
    } catch (IllegalStateException e) {
      log.debug("A signal will end this process at once", e);
    }
    try {
      List<String> ids = start(count, wait);
      boolean completed = !wait || waitFor(ids);
      Throwable failed = failure.get();
      if (failed != null) {
        log.error("{}", failed instanceof ServerFailure known ? known.text() : failed.toString());
      }
      if (ids.size() < count) {
        log.error("Started {} of {} workflows of {}", ids.size(), count, task);
      }
      return completed && ids.size() == count ? ExitCode.OK : ExitCode.ERROR;
    } finally {
      http.close().timeout(CLEANUP).onErrorComplete().block();
    }
  }

  /** After a failure or a signal nothing more is started, and what is on its way lands. */
  private List<String> start(int count, boolean wait) {
    return Objects.requireNonNull(
        register()
            .thenMany(Flux.range(0, count))
            .takeUntilOther(stop.asMono())
            .takeWhile(n -> failure.get() == null)
            .flatMap(n -> api.start(task, input).onErrorResume(this::failed), PARALLEL)
            .doOnNext(
                id -> {
                  if (!wait) {
                    print(id);
                  }
                })
            .onErrorResume(this::failed)
            .collectList()
            .block());
  }

  /** Prints each workflow's final status, and answers whether all have completed. */
  private boolean waitFor(List<String> ids) {
    Set<String> open = new LinkedHashSet<>(ids);
    Set<String> completed = new HashSet<>();
    Flux.fromIterable(ids)
        .flatMap(id -> ending(id).map(status -> Map.entry(id, status)), PARALLEL)
        .takeUntilOther(stop.asMono())
        .doOnNext(
            ended -> {
              print(ended.getKey() + " " + ended.getValue());
              open.remove(ended.getKey());
              if (ended.getValue().equals("COMPLETED")) {
                completed.add(ended.getKey());
              }
            })
        .onErrorResume(this::failed)
        .blockLast();
    open.forEach(id -> print(id + " UNKNOWN"));
    return completed.size() == ids.size();
  }

  private Mono<Void> register() {
    Set<String> members = new TreeSet<>(input.propertyNames());
    Mono<Void> type =
        api.definition("taskdefs", task)
            .hasElement()
            .flatMap(
                there ->
                    there ? Mono.empty() : api.createTask(definitions.task(PATIENCE_FOR_WORKERS)));
    Mono<Set<String>> lacking =
        api.definition("workflow", task)
            .map(registered -> definitions.missing(registered, members))
            .defaultIfEmpty(Optional.of(members))
            .flatMap(Mono::justOrEmpty);
    return type.then(lacking.flatMap(all -> api.putWorkflows(definitions.workflow(all))));
  }

  private Mono<String> ending(String id) {
    return api.status(id)
        .retryWhen(
            Retry.backoff(PATIENCE, Duration.ofMillis(200))
                .maxBackoff(Duration.ofSeconds(10))
                .filter(Submission::mayPass)
                .doBeforeRetry(this::sayOnce)
                .onRetryExhaustedThrow((spec, signal) -> signal.failure()))
        .repeatWhen(
            looks -> looks.index((n, x) -> n < 5 ? FIRST_LOOK : LOOK).concatMap(Mono::delay))
        .skipUntil(ENDED::contains)
        .next();
  }

  private static boolean mayPass(Throwable e) {
    return e instanceof ServerFailure failure
        && failure.kind() != Kind.REJECTED
        && failure.kind() != Kind.UNAUTHORIZED;
  }

  private void sayOnce(Retry.RetrySignal signal) {
    if (!troubled.getAndSet(true)) {
      log.warn("{}; asking again", signal.failure().getMessage());
    }
  }

  private <T> Mono<T> failed(Throwable e) {
    failure.compareAndSet(null, e);
    return Mono.empty();
  }

  private void onSignal(String name) {
    if (signals.getAndIncrement() > 0) {
      shell.halt().accept(ExitCode.ERROR);
      return;
    }
    log.info("{}: ending; what was started runs on", name);
    stop.tryEmitEmpty();
  }

  private void print(String line) {
    shell.out().println(line);
  }
}
