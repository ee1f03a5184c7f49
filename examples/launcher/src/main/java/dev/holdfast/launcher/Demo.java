package dev.holdfast.launcher;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.local.LocalServerException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One run of the demo: from its first line to its exit code. */
final class Demo {

  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration BEGIN = Duration.ofSeconds(10);

  private final DemoPlan plan;
  private final Ledger ledger;
  private final DemoScreen screen;
  private final Shell shell;
  private final long begunNanos = System.nanoTime();
  private final CompletableFuture<String> signal = new CompletableFuture<>();

  Demo(DemoPlan plan, Ledger ledger, DemoScreen screen, Shell shell) {
    this.plan = plan;
    this.ledger = ledger;
    this.screen = screen;
    this.shell = shell;
  }

  /** Runs the demo and answers the exit code: 0 only if nothing was lost. */
  int run() {
    try {
      shell.signals().handle(this::onSignal);
    } catch (IllegalStateException e) {
      // Then a signal ends this process at once, which is what it is for here.
    }
    DemoReport.opening(plan).forEach(screen::say);
    DemoStory story = null;
    try {
      story = Objects.requireNonNull(DemoStory.begin(plan, ledger, this::say).block(BEGIN));
      return perform(story);
    } catch (LocalServerException e) {
      return fail(e);
    } finally {
      screen.rest();
      if (story != null) {
        story.close().block();
      }
    }
  }

  private int perform(DemoStory story) {
    CompletableFuture<Ledger.Tally> telling = story.tell().timeout(plan.limit()).toFuture();
    try {
      Optional<Ledger.Tally> tally = watch(story, telling);
      if (tally.isEmpty()) {
        telling.cancel(true);
        screen.rest();
        say(
            "%s: the demo ends here, with %d of %d tasks done"
                .formatted(signal.join(), ledger.completed(), plan.total()));
        return ExitCode.ERROR;
      }
      return conclude(story, tally.get(), true);
    } catch (ExecutionException e) {
      return e.getCause() instanceof TimeoutException
          ? conclude(story, Objects.requireNonNull(story.count().block()), false)
          : fail(Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  /** Keeps the screen alive; empty if a signal came first. */
  private Optional<Ledger.Tally> watch(DemoStory story, CompletableFuture<Ledger.Tally> telling)
      throws ExecutionException {
    CompletableFuture<Object> either = CompletableFuture.anyOf(telling, signal);
    while (true) {
      screen.show(story.moment(elapsed()));
      try {
        either.get(TICK.toMillis(), TimeUnit.MILLISECONDS);
        return signal.isDone() ? Optional.empty() : Optional.of(telling.join());
      } catch (TimeoutException e) {
        // The next moment.
      } catch (InterruptedException e) {
        signal.complete("Interrupted");
      }
    }
  }

  private int conclude(DemoStory story, Ledger.Tally tally, boolean inTime) {
    screen.rest();
    if (inTime) {
      say("all have ended, and the server was asked for each of them");
    } else {
      say("not done within %s: the demo ends here".formatted(Durations.format(plan.limit())));
    }
    List<String> lines = new DemoReport(plan, tally, story.late(), DemoReport.typed()).lines();
    lines.forEach(screen::say);
    return inTime && tally.lost().isEmpty() ? ExitCode.OK : ExitCode.ERROR;
  }

  private int fail(Throwable cause) {
    screen.rest();
    boolean expected = cause instanceof ServerFailure || cause instanceof LocalServerException;
    String why = expected ? cause.getMessage() : String.valueOf(cause);
    shell.err().println("holdfast demo: " + why);
    return ExitCode.ERROR;
  }

  private void onSignal(String name) {
    if (!signal.complete(name)) {
      shell.halt().accept(ExitCode.ERROR);
    }
  }

  private void say(String text) {
    screen.say(DemoMoment.stamp(elapsed()) + text);
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - begunNanos);
  }
}
