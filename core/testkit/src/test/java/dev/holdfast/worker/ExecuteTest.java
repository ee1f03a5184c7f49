package dev.holdfast.worker;

import static dev.holdfast.worker.WorkerRig.echo;
import static dev.holdfast.worker.WorkerRig.input;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.TaskStatus;
import dev.holdfast.task.NonRetryableException;
import dev.holdfast.task.Outcome;
import dev.holdfast.task.TaskContext;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.testkit.RunRecord;
import dev.holdfast.testkit.TaskTypeSpec;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/** The rules of the execute stage, on virtual time. */
@Timeout(60)
class ExecuteTest {

  @RegisterExtension final LeakGuard leaks = new LeakGuard();

  private final WorkerRig rig = new WorkerRig();

  /** An order, as a typed handler sees it. */
  record Order(String item, int quantity) {}

  static Stream<Arguments> behaviours() {
    return Stream.of(
        Arguments.of("a map", handler(() -> Mono.just(Map.of("a", 1))), TaskStatus.COMPLETED, null),
        Arguments.of("nothing", handler(Mono::empty), TaskStatus.COMPLETED, null),
        Arguments.of("a string", handler(() -> Mono.just("x")), TaskStatus.COMPLETED, null),
        Arguments.of(
            "an outcome",
            handler(() -> Mono.just(Outcome.completed())),
            TaskStatus.COMPLETED,
            null),
        Arguments.of(
            "an error",
            handler(() -> Mono.error(new IllegalStateException("no stock"))),
            TaskStatus.FAILED,
            "IllegalStateException: no stock"),
        Arguments.of(
            "an error without a message",
            handler(() -> Mono.error(new IllegalStateException())),
            TaskStatus.FAILED,
            "IllegalStateException"),
        Arguments.of(
            "a throw",
            handler(
                () -> {
                  throw new IllegalArgumentException("bad");
                }),
            TaskStatus.FAILED,
            "IllegalArgumentException: bad"),
        Arguments.of("null", handler(() -> null), TaskStatus.FAILED, "the handler returned null"),
        Arguments.of(
            "a failure for good",
            handler(() -> Mono.just(Outcome.failedForGood("never"))),
            TaskStatus.FAILED_WITH_TERMINAL_ERROR,
            "never"),
        Arguments.of(
            "a non-retryable error",
            handler(() -> Mono.error(new NonRetryableException("no such order"))),
            TaskStatus.FAILED_WITH_TERMINAL_ERROR,
            "no such order"),
        Arguments.of(
            "a linkage error, thrown",
            handler(
                () -> {
                  throw new NoClassDefFoundError("com/acme/Gone");
                }),
            TaskStatus.FAILED,
            "NoClassDefFoundError: com/acme/Gone"),
        Arguments.of(
            "a linkage error, emitted",
            handler(() -> Mono.error(new UnsatisfiedLinkError("libgone"))),
            TaskStatus.FAILED,
            "UnsatisfiedLinkError: libgone"),
        Arguments.of(
            "a linkage error in an operator",
            handler(
                () ->
                    Mono.just(1)
                        .map(
                            one -> {
                              throw new NoSuchMethodError("gone()");
                            })),
            TaskStatus.FAILED,
            "NoSuchMethodError: gone()"),
        Arguments.of(
            "a stack overflow",
            handler(() -> Mono.just(deep(1))),
            TaskStatus.FAILED,
            "StackOverflow"),
        Arguments.of(
            "an output that can't be encoded",
            handler(() -> Mono.just(new Object())),
            TaskStatus.FAILED_WITH_TERMINAL_ERROR,
            "the output can't be encoded"),
        Arguments.of(
            "an output that is too large",
            handler(() -> Mono.just(Map.of("a", "x".repeat(2_000)))),
            TaskStatus.FAILED_WITH_TERMINAL_ERROR,
            "expected at most 1000"),
        Arguments.of("no end", handler(Mono::never), TaskStatus.FAILED, "timed out after PT30S"));
  }

  private interface Behaviour {
    Mono<?> run() throws Exception;
  }

  private static TaskHandler handler(Behaviour behaviour) {
    return context -> behaviour.run();
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int deep(int n) {
    return deep(n + 1) + 1;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("behaviours")
  void whateverAHandlerDoesBecomesAnOutcomeAndFreesItsSlot(
      String name, TaskHandler handler, TaskStatus status, String reason) {
    AtomicInteger turn = new AtomicInteger();
    TaskHandler firstThenEcho =
        context ->
            turn.getAndIncrement() == 0 ? handler.handle(context) : Mono.just(context.input());
    rig.server.define("odd", TaskTypeSpec.defaults().withRetries(0));
    String odd = rig.server.submit("odd", input(1));
    String next = rig.server.submit("odd", input(2));
    rig.start(
        WorkerSpec.of(TaskSpec.of("odd", firstThenEcho).timeout(Duration.ofSeconds(30)))
            .slots(1)
            .maxOutputBytes(1_000));
    rig.advance(Duration.ofMinutes(1));

    assertThat(rig.server.state(odd).status()).isEqualTo(status);
    if (reason != null) {
      assertThat(rig.server.reason(odd)).contains(reason);
    }
    assertThat(rig.server.state(next).status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(rig.server.updates(odd)).hasSize(1);
    rig.finish();
  }

  @Test
  void anInlineHandlerMayMisbehaveJustAsMuch() {
    rig.server.define("odd", TaskTypeSpec.defaults().withRetries(0));
    String odd = rig.server.submit("odd", input(1));
    rig.start(
        "odd",
        1,
        TaskHandler.inline(
            context -> {
              throw new NoClassDefFoundError("com/acme/Gone");
            }));
    rig.advance(Duration.ofSeconds(10));

    assertThat(rig.server.state(odd).status()).isEqualTo(TaskStatus.FAILED);
    rig.finish();
  }

  @Test
  void anOutOfMemoryErrorFailsTheTaskAndEndsTheRunWithThatError() {
    String task = rig.server.submit("greet", input(1));
    rig.start(
        WorkerSpec.of(
            "greet",
            context -> {
              throw new OutOfMemoryError("Java heap space");
            }));
    rig.advance(Duration.ofSeconds(30));

    assertThat(rig.endings()).containsExactly("error java.lang.OutOfMemoryError: Java heap space");
    assertThat(rig.server.reason(task)).contains("OutOfMemoryError");
  }

  @Test
  void aReasonIsCutToWhatTheServerKeeps() {
    rig.server.define("odd", TaskTypeSpec.defaults().withRetries(0));
    String odd = rig.server.submit("odd", input(1));
    rig.start("odd", 1, context -> Mono.error(new IllegalStateException("x".repeat(100_000))));
    rig.advance(Duration.ofSeconds(10));

    assertThat(rig.server.reason(odd)).hasSize(500);
    rig.finish();
  }

  @Test
  void retryLaterKeepsTheOutputAndComesBackAsANewAttempt() {
    AtomicReference<Object> seen = new AtomicReference<>();
    TaskHandler handler =
        context -> {
          if (context.attempt().pollCount() == 1) {
            return Mono.just(Outcome.retryLater(Duration.ofMillis(2_500), Map.of("page", 7)));
          }
          seen.set(context.task().output().asMap().get("page"));
          return Mono.empty();
        };
    String task = rig.server.submit("greet", input(1));
    rig.start("greet", 1, handler);
    rig.advance(Duration.ofSeconds(10));

    assertThat(String.valueOf(seen.get())).isEqualTo("7");
    assertThat(rig.server.updates(task).get(0).update().callbackAfter())
        .isBetween(Duration.ofMillis(2_500), Duration.ofSeconds(3));
    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void aTypedHandlerGetsItsTypeAndBadInputFailsForGood() {
    String good = rig.server.submit("ship", Map.of("item", "lamp", "quantity", 3));
    String bad = rig.server.submit("ship", Map.of("item", "lamp", "quantity", "many"));
    rig.start(
        WorkerSpec.of(
            "ship",
            TaskHandler.typed(
                Order.class, order -> Mono.just(Map.of("shipped", order.quantity())))));
    rig.advance(Duration.ofSeconds(10));

    assertThat(rig.server.output(good).get("shipped").toString()).isEqualTo("3");
    assertThat(rig.server.state(bad).status()).isEqualTo(TaskStatus.FAILED_WITH_TERMINAL_ERROR);
    assertThat(rig.server.reason(bad)).contains("the input is no Order");
    rig.finish();
  }

  @Test
  void theDeadlineCancelsTheHandlerAndTellsTheContext() {
    AtomicBoolean cancelled = new AtomicBoolean();
    AtomicBoolean signalled = new AtomicBoolean();
    AtomicReference<TaskContext> seen = new AtomicReference<>();
    rig.server.define("slow", TaskTypeSpec.defaults().withRetries(0));
    String task = rig.server.submit("slow", input(1));
    TaskHandler handler =
        context -> {
          seen.set(context);
          return context
              .cancelled()
              .doOnSuccess(v -> signalled.set(true))
              .then(Mono.never())
              .doOnCancel(() -> cancelled.set(true));
        };
    rig.start(
        WorkerSpec.of(
            TaskSpec.of("slow", rig.server.observe(handler)).timeout(Duration.ofSeconds(7))));
    rig.advanceMillis(6_900);
    assertThat(seen.get().isCancelled()).isFalse();
    assertThat(seen.get().remaining()).isBetween(Duration.ofMillis(50), Duration.ofMillis(200));
    rig.advanceMillis(200);

    assertThat(cancelled).isTrue();
    assertThat(signalled).isTrue();
    assertThat(seen.get().isCancelled()).isTrue();
    assertThat(seen.get().remaining()).isZero();
    assertThat(rig.server.runs(task).get(0).ending()).isEqualTo(RunRecord.Ending.CANCELLED);
    assertThat(rig.server.state(task).status()).isEqualTo(TaskStatus.FAILED);
    assertThat(rig.server.reason(task)).isEqualTo("timed out after PT7S");
    rig.finish();
  }

  @Test
  void theServersHardLimitLessAMarginIsTheDeadlineIfItIsNearer() {
    rig.server.define(
        "slow", TaskTypeSpec.defaults().withHardTimeout(Duration.ofMinutes(1)).withRetries(0));
    String task = rig.server.submit("slow", input(1));
    rig.start("slow", 1, context -> Mono.never());
    rig.advance(Duration.ofSeconds(70));

    assertThat(rig.server.reason(task)).isEqualTo("timed out after PT45S");
    assertThat(rig.server.runs(task).get(0).endMillis()).isBetween(45_000L, 45_010L);
    rig.finish();
  }

  @Test
  void theIdsAreInTheReactorContextOfTheHandler() {
    AtomicReference<Map<Object, Object>> seen = new AtomicReference<>();
    String task = rig.server.submit("greet", input(1));
    Worker worker =
        Worker.create(
            rig.server.client(),
            WorkerSpec.of(
                    "greet",
                    context ->
                        Mono.deferContextual(
                            view -> {
                              seen.set(
                                  Map.of(
                                      "task", view.get("holdfast.taskId"),
                                      "type", view.get("holdfast.taskType"),
                                      "attempt", view.get("holdfast.attempt"),
                                      "mine", view.get("mine")));
                              return Mono.empty();
                            }))
                .scheduler(() -> rig.time));
    var running = worker.run().contextWrite(view -> view.put("mine", "yes")).subscribe();
    rig.advance(Duration.ofSeconds(3));

    assertThat(seen.get())
        .isEqualTo(
            Map.of("task", task, "type", "greet", "attempt", task + "#1@fake", "mine", "yes"));
    running.dispose();
    rig.advance(Duration.ofSeconds(30));
  }

  @Test
  void theIdempotencyKeyIsTheSameForEveryRetryOfTheStep() {
    java.util.Set<String> keys = new java.util.HashSet<>();
    rig.server.define("odd", TaskTypeSpec.defaults().withRetries(3));
    rig.server.submit("odd", input(1));
    rig.start(
        "odd",
        1,
        context -> {
          keys.add(context.idempotencyKey());
          return Mono.error(new IllegalStateException("again"));
        });
    rig.advance(Duration.ofSeconds(30));

    assertThat(rig.server.runs()).hasSize(4);
    assertThat(keys).hasSize(1);
    rig.finish();
  }

  @Test
  void aHandlerThatEmitsAndIsDoneIsNotCancelled() {
    AtomicBoolean cancelled = new AtomicBoolean();
    rig.server.submit("greet", input(1));
    rig.start(
        "greet",
        1,
        context ->
            Mono.just(context.input())
                .delayElement(Duration.ofMillis(10), rig.time)
                .doOnCancel(() -> cancelled.set(true)));
    rig.advance(Duration.ofSeconds(3));

    rig.server.assertAllCompleted();
    assertThat(cancelled).isFalse();
    rig.finish();
  }

  @Test
  void anEchoIsPassedThroughWithoutBeingParsed() {
    String task = rig.server.submit("greet", Map.of("n", 1, "list", java.util.List.of(1, "two")));
    rig.start("greet", 1, echo());
    rig.advance(Duration.ofSeconds(3));

    assertThat(rig.server.output(task).keySet()).containsExactlyInAnyOrder("n", "list");
    rig.finish();
  }
}
