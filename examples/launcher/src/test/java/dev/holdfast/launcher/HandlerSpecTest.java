package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.task.Attempt;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.Payload;
import dev.holdfast.task.PayloadCodec;
import dev.holdfast.task.Task;
import dev.holdfast.task.TaskContext;
import dev.holdfast.task.TaskHandler;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@Timeout(10)
class HandlerSpecTest {

  /** A codec that refuses to be used: what is passed through is never parsed. */
  private static final PayloadCodec UNTOUCHED =
      new PayloadCodec() {
        @Override
        public String mediaType() {
          return "application/json";
        }

        @Override
        public byte[] encode(Object value) {
          throw new AssertionError("encoded");
        }

        @Override
        public <T> T decode(byte[] bytes, int offset, int length, Class<T> type) {
          throw new AssertionError("decoded");
        }
      };

  private static final Payload INPUT = Payload.encoded(UNTOUCHED, new byte[] {'{', '}'}, 0, 2);

  @Test
  void echoAnswersItsInputUnparsedOnTheThreadThatBroughtIt() throws Exception {
    TaskHandler echo = handler("echo");
    assertThat(echo.mode()).isEqualTo(TaskHandler.Mode.INLINE);
    StepVerifier.create(run(echo)).expectNextMatches(out -> out == INPUT).verifyComplete();
  }

  @Test
  void sleepAnswersItsInputAfterItsTimeAndHoldsNoThread() {
    StepVerifier.withVirtualTime(() -> run(handler("sleep:100ms")))
        .expectSubscription()
        .expectNoEvent(Duration.ofMillis(100))
        .expectNextMatches(out -> out == INPUT)
        .verifyComplete();
  }

  @Test
  void failFailsWithAReasonAndMayBeRetried() {
    StepVerifier.create(run(handler("fail")))
        .expectNextMatches(
            out ->
                out instanceof Outcome.Failed failed && failed.reason().equals(HandlerSpec.FAILURE))
        .verifyComplete();
  }

  private static TaskHandler handler(String spec) {
    return HandlerSpec.parse(new Setting("--handler", spec, ExitCode.USAGE));
  }

  private static Mono<Object> run(TaskHandler handler) {
    Task task = Task.builder("t1", "greet").input(INPUT).build();
    TaskContext context =
        new TaskContext() {
          @Override
          public Task task() {
            return task;
          }

          @Override
          public Attempt attempt() {
            return new Attempt("test", task.id(), 1);
          }

          @Override
          public Duration remaining() {
            return Duration.ofHours(1);
          }

          @Override
          public boolean isCancelled() {
            return false;
          }

          @Override
          public Mono<Void> cancelled() {
            return Mono.never();
          }

          @Override
          public Mono<Void> leaseLost() {
            return Mono.never();
          }
        };
    return Mono.defer(
        () -> {
          try {
            return handler.handle(context).cast(Object.class);
          } catch (Exception e) {
            return Mono.error(e);
          }
        });
  }
}
