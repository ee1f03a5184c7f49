package dev.holdfast.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@Timeout(30)
class TaskHandlerTest {

  private final LinesCodec lines = new LinesCodec("text/lines");
  private final TaskContext context =
      new GivenContext(Task.builder("t1", "greet").input(lines.payload("name=Ada")).build());

  private static Mono<?> run(TaskHandler handler, TaskContext context) {
    return Mono.defer(
        () -> {
          try {
            return handler.handle(context);
          } catch (Exception e) {
            return Mono.error(e);
          }
        });
  }

  @Test
  void givesAPlainHandlerTheAttemptAndDecodesNothing() {
    TaskHandler handler = TaskHandler.of(attempt -> Mono.just(attempt.input()));

    assertThat(handler.mode()).isEqualTo(TaskHandler.Mode.NON_BLOCKING);
    run(handler, context)
        .as(StepVerifier::create)
        .assertNext(output -> assertThat(output).isSameAs(context.input()))
        .verifyComplete();
    assertThat(lines.decoded).hasValue(0);
  }

  @Test
  void givesATypedHandlerItsDecodedInput() {
    TaskHandler handler =
        TaskHandler.typed(Map.class, input -> Mono.justOrEmpty(input.get("name")));

    assertThat(handler.mode()).isEqualTo(TaskHandler.Mode.NON_BLOCKING);
    run(handler, context)
        .as(StepVerifier::create)
        .expectNextMatches("Ada"::equals)
        .verifyComplete();
  }

  @Test
  void givesATypedHandlerOfTwoArgumentsTheAttemptAsWell() {
    TaskHandler handler =
        TaskHandler.typed(
            String.class, (input, attempt) -> Mono.just(attempt.task().id() + ":" + input));

    assertThat(handler.mode()).isEqualTo(TaskHandler.Mode.NON_BLOCKING);
    run(handler, context)
        .as(StepVerifier::create)
        .expectNextMatches("t1:name=Ada"::equals)
        .verifyComplete();
  }

  @Test
  void runsABlockingFunctionOncePerSubscriptionAndNotBefore() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    TaskHandler handler = TaskHandler.blocking(attempt -> calls.incrementAndGet());

    assertThat(handler.mode()).isEqualTo(TaskHandler.Mode.BLOCKING);
    Mono<?> work = handler.handle(context);
    assertThat(calls).hasValue(0);
    work.as(StepVerifier::create).expectNextCount(1).verifyComplete();
    assertThat(calls).hasValue(1);
  }

  @Test
  void givesATypedBlockingFunctionItsDecodedInput() {
    TaskHandler handler = TaskHandler.blocking(Map.class, input -> input.get("name"));

    assertThat(handler.mode()).isEqualTo(TaskHandler.Mode.BLOCKING);
    run(handler, context)
        .as(StepVerifier::create)
        .expectNextMatches("Ada"::equals)
        .verifyComplete();
  }

  @Test
  void completesEmptyIfABlockingFunctionReturnsNull() {
    run(TaskHandler.blocking(attempt -> null), context).as(StepVerifier::create).verifyComplete();
    run(TaskHandler.blocking(Map.class, input -> null), context)
        .as(StepVerifier::create)
        .verifyComplete();
  }

  @Test
  void passesOnWhatABlockingFunctionThrows() {
    IOException thrown = new IOException("disk full");

    run(
            TaskHandler.blocking(
                attempt -> {
                  throw thrown;
                }),
            context)
        .as(StepVerifier::create)
        .verifyErrorSatisfies(error -> assertThat(error).isSameAs(thrown));
  }

  @Test
  void runsAnInlineHandlerAsItIsButInline() {
    TaskHandler handler = TaskHandler.inline(TaskHandler.of(attempt -> Mono.just("done")));

    assertThat(handler.mode()).isEqualTo(TaskHandler.Mode.INLINE);
    run(handler, context)
        .as(StepVerifier::create)
        .expectNextMatches("done"::equals)
        .verifyComplete();
  }

  @Test
  void failsForGoodIfTheInputIsNotOfTheType() {
    AtomicInteger calls = new AtomicInteger();

    assertThatInputIsRefused(
        TaskHandler.typed(
            Integer.class,
            input -> {
              calls.incrementAndGet();
              return Mono.empty();
            }));
    assertThatInputIsRefused(
        TaskHandler.typed(
            Integer.class,
            (input, attempt) -> {
              calls.incrementAndGet();
              return Mono.empty();
            }));
    assertThatInputIsRefused(TaskHandler.blocking(Integer.class, input -> calls.incrementAndGet()));
    assertThatInputIsRefused(
        TaskHandler.inline(TaskHandler.typed(Integer.class, input -> Mono.empty())));
    assertThat(calls).hasValue(0);
  }

  private void assertThatInputIsRefused(TaskHandler handler) {
    run(handler, context)
        .as(StepVerifier::create)
        .verifyErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOf(NonRetryableException.class)
                    .hasMessage("the input is no Integer: line 1: expected a Integer")
                    .hasCauseInstanceOf(PayloadException.class));
  }

  @Test
  @SuppressWarnings("NullAway")
  void refusesToBeMadeOfNothing() {
    assertThatNullPointerException().isThrownBy(() -> TaskHandler.of(null)).withMessage("fn");
    assertThatNullPointerException().isThrownBy(() -> TaskHandler.blocking(null)).withMessage("fn");
    assertThatNullPointerException()
        .isThrownBy(() -> TaskHandler.inline(null))
        .withMessage("handler");
    assertThatNullPointerException()
        .isThrownBy(() -> TaskHandler.typed(null, input -> Mono.empty()))
        .withMessage("type");
    assertThatNullPointerException()
        .isThrownBy(() -> TaskHandler.blocking(null, input -> input))
        .withMessage("type");
  }
}
