package dev.holdfast.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

@Timeout(30)
class LeakGuardTest {

  /** Tests that leak, run one by one by the tests outside. */
  static class Leaky {

    private static final AtomicLong SLOTS = new AtomicLong();
    private static @Nullable CountDownLatch end;

    @RegisterExtension final LeakGuard guard = new LeakGuard();

    @AfterEach
    void giveBackWhatIsGivenBackInTime() {
      SLOTS.compareAndSet(2, 0);
    }

    @Test
    void clean() {}

    @Test
    void dropsAnError() {
      Operators.onErrorDropped(new IllegalStateException("nobody listens"), Context.empty());
    }

    @Test
    void dropsAValue() {
      Operators.onNextDropped("a value", Context.empty());
    }

    @Test
    void dropsWhatIsExpected() {
      guard.expectDropped(IllegalStateException.class);
      Operators.onErrorDropped(new IllegalStateException("expected"), Context.empty());
    }

    @Test
    void dropsSomethingElseToo() {
      guard.expectDropped(IllegalStateException.class);
      Operators.onErrorDropped(new IllegalStateException("expected"), Context.empty());
      Operators.onErrorDropped(new ArithmeticException("not expected"), Context.empty());
    }

    @Test
    void dropsNothingThoughItIsExpected() {
      guard.expectDropped(IllegalStateException.class);
    }

    @Test
    void leavesAThread() {
      leave("holdfast-test-1");
    }

    @Test
    void leavesAThreadOfSomebodyElse() {
      leave("other-1");
    }

    @Test
    void leavesAThreadThatEndsSoon() {
      leave("holdfast-test-2");
      Objects.requireNonNull(end).countDown();
    }

    private static void leave(String name) {
      CountDownLatch latch = new CountDownLatch(1);
      end = latch;
      Thread thread =
          new Thread(
              () -> {
                try {
                  latch.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              name);
      thread.setDaemon(true);
      thread.start();
    }

    @Test
    void leavesASlot() {
      SLOTS.set(1);
      guard.watch("slots", SLOTS::get);
    }

    @Test
    void leavesNoSlot() {
      SLOTS.set(2);
      guard.watch("slots", SLOTS::get);
    }
  }

  /** As a type, and as a parameter. */
  @ExtendWith(LeakGuard.class)
  @TestMethodOrder(MethodOrderer.MethodName.class)
  static class Declared {
    @Test
    void watchesNothingAfterwards() {}

    @Test
    void leavesAPermit(LeakGuard guard) {
      guard.watch("permits", () -> 3);
    }
  }

  private static Events run(Class<?> type, String method, String parameters) {
    try {
      return EngineTestKit.engine("junit-jupiter")
          .selectors(selectMethod(type, method, parameters))
          .execute()
          .testEvents();
    } finally {
      if (Leaky.end != null) {
        Leaky.end.countDown();
      }
    }
  }

  private static void passes(String method) {
    run(Leaky.class, method, "")
        .assertStatistics(statistics -> statistics.started(1).succeeded(1).failed(0));
  }

  private static void fails(String method, String why) {
    run(Leaky.class, method, "")
        .assertStatistics(statistics -> statistics.started(1).failed(1))
        .failed()
        .assertThatEvents()
        .haveExactly(
            1, event(finishedWithFailure(message("the test left something behind: " + why))));
  }

  @Test
  void aCleanTestPasses() {
    passes("clean");
  }

  @Test
  void aDroppedErrorFailsTheTest() {
    fails("dropsAnError", "dropped error java.lang.IllegalStateException: nobody listens");
  }

  @Test
  void aDroppedValueFailsTheTest() {
    fails("dropsAValue", "dropped value a value");
  }

  @Test
  void anExpectedDropPassesAndOnlyThat() {
    passes("dropsWhatIsExpected");
    fails("dropsSomethingElseToo", "dropped error java.lang.ArithmeticException: not expected");
    fails(
        "dropsNothingThoughItIsExpected",
        "no java.lang.IllegalStateException was dropped, and one was expected");
  }

  @Test
  void aThreadThatOutlivesTheTestFailsIt() {
    fails("leavesAThread", "thread holdfast-test-1 lives");
  }

  @Test
  void aThreadOfSomebodyElseOrOneThatEndsInTimeDoesNot() {
    passes("leavesAThreadOfSomebodyElse");
    passes("leavesAThreadThatEndsSoon");
  }

  @Test
  void aCountThatIsLeftFailsTheTest() {
    fails("leavesASlot", "1 slots left");
    passes("leavesNoSlot");
  }

  @Test
  void aTypeLevelGuardComesAsAParameter() {
    run(Declared.class, "leavesAPermit", LeakGuard.class.getName())
        .failed()
        .assertThatEvents()
        .haveExactly(
            1,
            event(finishedWithFailure(message("the test left something behind: 3 permits left"))));
  }

  @Test
  void whatOneTestWatchedIsGoneInTheNext() {
    EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(Declared.class))
        .execute()
        .testEvents()
        .assertStatistics(statistics -> statistics.failed(1).succeeded(1));
  }
}
