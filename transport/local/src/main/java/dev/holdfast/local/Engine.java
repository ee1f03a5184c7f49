package dev.holdfast.local;

import dev.holdfast.store.Journal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Owns the board. Every step, asked for or due by time, runs on one worker of a scheduler, one
 * after the other, so nothing is locked; what it changed is journaled before its answer goes out.
 *
 * <p>If the journal fails, or a step does by a mistake of ours, the board may hold what is not
 * kept. It is thrown away with all answers that wait (503), and rebuilt from the journal; until
 * then every call is answered with 503.
 */
final class Engine {

  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(500);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);

  /** Requests whose clients have gone wait too, so there may be more than connections. */
  private static final int MIN_WAITING = 1_000;

  private final LocalServerSpec.Bounds bounds;
  private final Journal journal;
  private final Scheduler scheduler;
  private final Scheduler.Worker worker;
  private final Supplier<String> ids;
  private final long origin;

  // Touched on the worker only.
  private final Waiters waiters = new Waiters();
  private final Disposable.Swap timer = Disposables.swap();
  private final Disposable.Swap rebuilding = Disposables.swap();
  private long timerNanos = Long.MAX_VALUE;
  private @Nullable Rules rules;
  private JournalWriter writer;
  private Refusal absence = Refusal.unavailable("The server has not started yet");
  private Duration retry = FIRST_RETRY;
  private boolean isClosed;

  Engine(
      LocalServerSpec.Bounds bounds, Journal journal, Scheduler scheduler, Supplier<String> ids) {
    this.bounds = bounds;
    this.journal = journal;
    this.scheduler = scheduler;
    this.worker = scheduler.createWorker();
    this.ids = ids;
    this.origin = scheduler.now(TimeUnit.NANOSECONDS);
    this.writer = newWriter();
  }

  /** Rebuilds the board from the journal; calls are answered from then on. */
  Mono<Void> open() {
    return replay()
        .flatMap(
            fresh ->
                Mono.<Void>create(
                    sink ->
                        run(
                            () -> {
                              adopt(fresh);
                              sink.success();
                            },
                            sink::error)));
  }

  /**
   * Runs a step on the board. Cold; cancelling it does not undo a step that has begun.
   *
   * @return what the step answers, once all that it could have seen is kept; errors with a {@link
   *     Refusal}
   */
  <T> Mono<T> call(Function<Rules, T> step) {
    return Mono.create(sink -> run(() -> ask(step, sink::success, sink::error), sink::error));
  }

  /**
   * Leases what is ready, or else waits for the first task. If it is cancelled before it answers,
   * nothing is leased.
   */
  Mono<List<TaskView>> poll(QueueKey queue, @Nullable String workerId, int count, Duration wait) {
    return Mono.create(
        sink -> {
          Waiters.Waiter waiter = new Waiters.Waiter(queue, workerId, count, sink);
          sink.onCancel(
              () -> {
                waiter.isGone = true;
                run(() -> abandon(waiter), e -> {});
              });
          run(() -> poll(waiter, wait), sink::error);
        });
  }

  /** Takes back what was leased to a client that got no answer. */
  void giveBack(List<TaskView> leased) {
    run(
        () ->
            step(
                at -> {
                  at.giveBack(leased);
                  return leased;
                },
                nothing -> {},
                e -> {}),
        e -> {});
  }

  /** All state, as values that can be compared. */
  Mono<Object> snapshot() {
    return call(at -> at.board().snapshot(now()));
  }

  /**
   * Ends everything; what waits is answered with 503. Completes when what the journal has under way
   * has ended, so that another may take it over.
   */
  Mono<Void> close() {
    return Mono.create(
        sink ->
            run(
                () -> {
                  isClosed = true;
                  rebuilding.dispose();
                  leave(
                      Refusal.unavailable("The server has been stopped"),
                      () -> {
                        sink.success();
                        worker.dispose();
                      });
                },
                e -> sink.success()));
  }

  private void run(Runnable task, Consumer<Throwable> refused) {
    try {
      worker.schedule(task);
    } catch (RejectedExecutionException e) {
      refused.accept(Refusal.unavailable("The server has been stopped"));
    }
  }

  private Now now() {
    return new Now(
        scheduler.now(TimeUnit.NANOSECONDS) - origin, scheduler.now(TimeUnit.MILLISECONDS));
  }

  /** A step for somebody who may come again: refused while the journal does not keep up. */
  private <T> void ask(Function<Rules, T> step, Consumer<T> kept, Consumer<Throwable> failed) {
    int waiting = writer.waiting();
    if (waiting < Math.max(MIN_WAITING, 2 * bounds.connections())) {
      step(step, kept, failed);
    } else {
      failed.accept(
          Refusal.unavailable(
              waiting
                  + " answers wait for the journal ("
                  + journal.where()
                  + "): try again later"));
    }
  }

  private <T> void step(Function<Rules, T> step, Consumer<T> kept, Consumer<Throwable> failed) {
    Rules at = rules;
    if (at == null) {
      failed.accept(absence);
      return;
    }
    try {
      at.begin(now());
      T value = step.apply(at);
      writer.keep(at.takeChanges(), () -> kept.accept(value), failed);
    } catch (Refusal refusal) {
      writer.keep(at.takeChanges(), () -> failed.accept(refusal), failed);
    } catch (RuntimeException e) {
      LOG.error("A step failed by a mistake; the state is rebuilt from the journal", e);
      breakDown("a step failed: " + e);
      failed.accept(absence);
    }
    if (at == rules) {
      serve(at);
      forget(at);
      arm(at);
    }
  }

  private void poll(Waiters.Waiter waiter, Duration wait) {
    ask(
        at -> {
          if (!waiter.isGone) {
            at.seen(waiter.queue);
            waiter.leased = at.poll(waiter.queue, waiter.workerId, waiter.count);
            if (waiter.leased.isEmpty() && waiter.count > 0 && !wait.isZero()) {
              await(waiter, wait);
              return false;
            }
          }
          return true;
        },
        isAnswered -> {
          if (isAnswered) {
            waiter.to.success(waiter.leased);
          }
        },
        waiter.to::error);
  }

  private void await(Waiters.Waiter waiter, Duration wait) {
    waiters.add(waiter);
    waiter.timer.update(
        worker.schedule(
            () -> {
              if (waiters.remove(waiter)) {
                waiter.to.success(List.of());
              }
            },
            wait.toNanos(),
            TimeUnit.NANOSECONDS));
  }

  private void abandon(Waiters.Waiter waiter) {
    if (!waiters.remove(waiter) && !waiter.leased.isEmpty()) {
      giveBack(waiter.leased);
    }
  }

  /** Hands tasks to the polls that wait for them. */
  private void serve(Rules at) {
    for (QueueKey queue : at.board().takeFresh()) {
      while (at.board().first(queue) != null) {
        Waiters.Waiter waiter = waiters.take(queue);
        if (waiter == null) {
          break;
        }
        waiter.leased = at.poll(queue, waiter.workerId, waiter.count);
        writer.keep(at.takeChanges(), () -> waiter.to.success(waiter.leased), waiter.to::error);
      }
    }
  }

  private void forget(Rules at) {
    List<String> keys = at.board().forgetEnded(bounds, now());
    if (!keys.isEmpty()) {
      writer.forget(keys);
    }
  }

  /** One timer for all that is due by itself. */
  private void arm(Rules at) {
    long next = at.board().nextNanos(bounds);
    if (next != timerNanos) {
      timerNanos = next;
      timer.update(
          next == Long.MAX_VALUE
              ? Disposables.disposed()
              : worker.schedule(
                  this::onTime, Math.max(0, next - now().nanos()), TimeUnit.NANOSECONDS));
    }
  }

  private void onTime() {
    timerNanos = Long.MAX_VALUE;
    step(at -> at, nothing -> {}, e -> {});
  }

  // Rebuilding.

  private Mono<Rules> replay() {
    return Mono.defer(
        () -> {
          Board board = new Board();
          Now at = now();
          return journal
              .replay()
              .doOnNext(entry -> board.apply(ChangeCodec.decode(entry), at))
              .then(Mono.fromSupplier(() -> new Rules(bounds, board, ids)));
        });
  }

  private void adopt(Rules fresh) {
    if (!isClosed) {
      rules = fresh;
      writer = newWriter();
      retry = FIRST_RETRY;
      onTime();
    }
  }

  private JournalWriter newWriter() {
    return new JournalWriter(
        journal,
        task -> run(task, e -> {}),
        e -> {
          LOG.error("The journal ({}) failed: {}", journal.where(), e.toString());
          breakDown("the journal failed: " + e);
        });
  }

  private void breakDown(String why) {
    leave(
        Refusal.unavailable("State can't be kept now: " + Line.of(why)),
        () -> worker.schedule(this::rebuild, retry.toNanos(), TimeUnit.NANOSECONDS));
  }

  /** Leaves the board, and tells all who wait; goes on when the journal has come to rest. */
  private void leave(Refusal why, Runnable then) {
    absence = why;
    rules = null;
    timerNanos = Long.MAX_VALUE;
    timer.update(Disposables.disposed());
    waiters.clear().forEach(waiter -> waiter.to.error(why));
    writer.fail(why, then);
  }

  private void rebuild() {
    rebuilding.update(
        replay()
            .subscribe(
                fresh ->
                    run(
                        () -> {
                          LOG.info("The state is rebuilt from the journal ({})", journal.where());
                          adopt(fresh);
                        },
                        e -> {}),
                e -> run(() -> rebuildLater(e), refused -> {})));
  }

  private void rebuildLater(Throwable e) {
    LOG.error("The journal ({}) can't be read: {}", journal.where(), e.toString());
    Duration doubled = retry.multipliedBy(2);
    retry = doubled.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : doubled;
    worker.schedule(this::rebuild, retry.toNanos(), TimeUnit.NANOSECONDS);
  }
}
