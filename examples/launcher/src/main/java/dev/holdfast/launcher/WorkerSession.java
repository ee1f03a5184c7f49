package dev.holdfast.launcher;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskClient;
import dev.holdfast.outage.GaveUpException;
import dev.holdfast.store.TaskStore;
import dev.holdfast.worker.Worker;
import dev.holdfast.worker.WorkerStats;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a worker as a process: from its start to its exit code. */
final class WorkerSession {

  private static final Logger log = LoggerFactory.getLogger(WorkerSession.class);

  private static final Duration CLEANUP = Duration.ofSeconds(5);
  private static final int LISTED = 20;

  private final Worker worker;
  private final TaskStore store;
  private final TaskClient client;
  private final @Nullable Credentials credentials;
  private final Duration drainTimeout;
  private final Shell shell;
  private final AtomicInteger signals = new AtomicInteger();
  private final AtomicBoolean summarised = new AtomicBoolean();

  WorkerSession(
      Worker worker,
      TaskStore store,
      TaskClient client,
      @Nullable Credentials credentials,
      Duration drainTimeout,
      Shell shell) {
    this.worker = worker;
    this.store = store;
    this.client = client;
    this.credentials = credentials;
    this.drainTimeout = drainTimeout;
    this.shell = shell;
  }

  /** Runs the worker until it has drained, given up or failed, and answers the exit code. */
  int run() {
    try {
      shell.signals().handle(this::onSignal);
    } catch (IllegalStateException e) {
      log.warn("SIGTERM will end this process without a drain: {}", e.getMessage());
    }
    int code;
    try {
      CompletableFuture<Void> running = worker.run().toFuture();
      if (signals.get() > 0) {
        drain(); // The first signal came when there was nothing to drain yet.
      }
      running.get();
      code = unfinished() ? ExitCode.UNFINISHED : ExitCode.OK;
    } catch (Throwable e) {
      code = failed(e instanceof ExecutionException failed ? failed.getCause() : e);
    }
    reportLeft();
    summarise();
    client.close().timeout(CLEANUP).onErrorComplete().block();
    return code;
  }

  private void onSignal(String name) {
    if (signals.getAndIncrement() > 0) {
      endNow(name);
      return;
    }
    log.info(
        "{}: draining, for {} at most; a second signal ends at once",
        name,
        Durations.format(drainTimeout));
    drain();
  }

  private void drain() {
    worker.stop().subscribe();
  }

  private void endNow(String name) {
    WorkerStats stats = worker.stats();
    log.warn(
        "{} again: ending at once, with {} tasks running and {} results waiting",
        name,
        stats.running(),
        stats.outbox());
    reportLeft();
    summarise();
    boolean left = unfinished() || stats.running() > 0;
    shell.halt().accept(left ? ExitCode.UNFINISHED : ExitCode.OK);
  }

  private boolean unfinished() {
    WorkerStats stats = worker.stats();
    return stats.outbox() > 0 || stats.abandoned() > 0;
  }

  /** Says by name what ends with this process, as far as a log line can hold it. */
  private void reportLeft() {
    WorkerStats stats = worker.stats();
    if (stats.abandoned() > 0) {
      log.warn(
          "{} handlers outlived their cancel: their leases lapse, and their tasks may run twice",
          stats.abandoned());
    }
    if (stats.outbox() > 0) {
      List<String> ids =
          Objects.requireNonNull(
              store
                  .outbox()
                  .waiting()
                  .take(LISTED)
                  .map(entry -> entry.attempt().toString())
                  .collectList()
                  .block(CLEANUP));
      log.error(
          "{} results are lost, since they waited in memory: {}{}",
          stats.outbox(),
          String.join(", ", ids),
          stats.outbox() > ids.size() ? ", ..." : "");
    }
  }

  private int failed(@Nullable Throwable cause) {
    if (cause instanceof GaveUpException over) {
      return gaveUp(over.kind());
    }
    if (cause instanceof OutOfMemoryError) {
      log.error("The worker ended, out of memory: {}", cause.getMessage());
    } else {
      log.error("The worker ended with an error", cause);
    }
    return ExitCode.ERROR;
  }

  /** The outage signal has said it already, but does not know where this command gets its key. */
  private int gaveUp(ServerFailure.Kind kind) {
    if (kind != ServerFailure.Kind.UNAUTHORIZED) {
      return ExitCode.UNAVAILABLE;
    }
    log.error(
        credentials == null
            ? "The server wants a token, and no key was given: set {} and {}"
            : "The server does not take the key: check {} and {}",
        Credentials.KEY,
        Credentials.SECRET);
    return ExitCode.UNAUTHORIZED;
  }

  /** Whoever prints it first prints it alone: the run's end, or a second signal. */
  private void summarise() {
    if (summarised.compareAndSet(false, true)) {
      shell.out().println(Summary.of(worker.stats()));
      shell.out().flush();
    }
  }
}
