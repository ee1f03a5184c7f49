package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** That BlockHound watches the tests of this module: else they prove nothing about blocking. */
@Timeout(30)
class BlockHoundTest {

  @Test
  void aSleepOnReactorsNonBlockingThreadIsCaught() {
    assertThatSleepIsCaughtOn(Schedulers.parallel());
  }

  @Test
  void aSleepOnAWorkersNonBlockingThreadsIsCaught() {
    Threads threads = Threads.of(2, null);
    try {
      assertThatSleepIsCaughtOn(threads.timer());
      assertThatSleepIsCaughtOn(threads.handlers());
    } finally {
      threads.close();
    }
  }

  @Test
  void aHandlersThreadMayWaitForWork() {
    Threads threads = Threads.of(2, null);
    try {
      Thread first = runAndReturnThread(threads.handlers());
      while (first.isAlive() && first.getState() == Thread.State.RUNNABLE) {
        LockSupport.parkNanos(1_000_000);
      }
      assertThat(first.isAlive()).isTrue();
      assertThat(first.getState()).isIn(Thread.State.TIMED_WAITING, Thread.State.WAITING);
    } finally {
      threads.close();
    }
  }

  private static Thread runAndReturnThread(Scheduler scheduler) {
    return Mono.fromCallable(Thread::currentThread)
        .subscribeOn(scheduler)
        .blockOptional()
        .orElseThrow();
  }

  @Test
  void aHandlerMayBlockOnTheThreadsForIt() {
    Threads threads = Threads.of(2, null);
    try {
      sleep()
          .subscribeOn(threads.blocking())
          .as(StepVerifier::create)
          .expectNext("slept")
          .verifyComplete();
    } finally {
      threads.close();
    }
  }

  private static void assertThatSleepIsCaughtOn(Scheduler scheduler) {
    sleep()
        .subscribeOn(scheduler)
        .as(StepVerifier::create)
        .expectErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOf(BlockingOperationError.class)
                    .hasMessageContaining("sleep"))
        .verify();
  }

  private static Mono<String> sleep() {
    return Mono.fromCallable(
        () -> {
          Thread.sleep(1);
          return "slept";
        });
  }
}
