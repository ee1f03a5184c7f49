package dev.holdfast.task;

import reactor.core.publisher.Mono;

/** What the factories of {@link TaskHandler} are made of. */
final class Handlers {

  private Handlers() {}

  /** A handler with a mode other than the default. */
  record Moded(TaskHandler handler, TaskHandler.Mode mode) implements TaskHandler {
    @Override
    public Mono<?> handle(TaskContext context) throws Exception {
      return handler.handle(context);
    }
  }

  /** Calls a function. What it throws once it was cancelled is nobody's dropped error. */
  static Mono<Object> call(
      TaskHandler.BlockingFunction<? super TaskContext> fn, TaskContext context) {
    return Mono.defer(
        () -> {
          try {
            return Mono.justOrEmpty(fn.apply(context));
          } catch (Exception e) {
            return Mono.error(e);
          }
        });
  }

  static <T> T input(TaskContext context, Class<T> type) {
    try {
      return context.input().as(type);
    } catch (PayloadException e) {
      throw new NonRetryableException(
          "the input is no " + type.getSimpleName() + ": " + e.getMessage(), e);
    }
  }
}
