package dev.holdfast.testkit;

import dev.holdfast.task.TaskContext;
import dev.holdfast.task.TaskHandler;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** Books when a handler begins and ends, and otherwise is that handler. */
final class ObservedHandler implements TaskHandler {

  private final TaskHandler handler;
  private final RunBook book;

  ObservedHandler(TaskHandler handler, RunBook book) {
    this.handler = handler;
    this.book = book;
  }

  @Override
  public Mode mode() {
    return handler.mode();
  }

  @Override
  public Mono<?> handle(TaskContext context) throws Exception {
    FakeRun run = book.begin(context.attempt());
    Mono<?> work;
    try {
      work = handler.handle(context);
    } catch (Throwable thrown) {
      book.end(run, RunRecord.Ending.FAILED);
      throw thrown;
    }
    if (work == null) {
      // A handler that breaks its contract: what the worker makes of it is what a test is after.
      book.end(run, RunRecord.Ending.FAILED);
      return work;
    }
    return observed(work, run);
  }

  private <T> Mono<T> observed(Mono<T> work, @Nullable FakeRun run) {
    // The first to end it wins; all come before the worker learns of it.
    Mono<T> booked =
        work.doOnError(error -> book.end(run, RunRecord.Ending.FAILED))
            .doOnTerminate(() -> book.end(run, RunRecord.Ending.COMPLETED))
            .doOnCancel(() -> book.end(run, RunRecord.Ending.CANCELLED));
    return new Mono<>() {
      @Override
      public void subscribe(CoreSubscriber<? super T> actual) {
        try {
          booked.subscribe(actual);
        } catch (Throwable fatal) {
          book.end(run, RunRecord.Ending.FAILED);
          throw fatal;
        }
      }
    };
  }
}
