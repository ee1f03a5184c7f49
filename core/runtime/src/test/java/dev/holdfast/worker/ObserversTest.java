package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.task.Attempt;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

@Timeout(60)
class ObserversTest {

  private final Counters counters = new Counters();
  private final Observers observers = new Observers(counters);

  private static WorkerEvent.ResultLate event(int number) {
    return new WorkerEvent.ResultLate(new Attempt("west", "t", number));
  }

  private static int number(WorkerEvent event) {
    return ((WorkerEvent.ResultLate) event).attempt().pollCount();
  }

  private void emit(int from, int to) {
    for (int number = from; number < to; number++) {
      int next = number;
      observers.emit(WorkerEvent.ResultLate.class, () -> event(next));
    }
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  private void assertThatNobodyIsRegistered() {
    assertThat(observers)
        .extracting("registered")
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .isEmpty();
  }

  @Test
  void makesNoEventWhileNobodyObserves() {
    AtomicInteger made = new AtomicInteger();
    observers.emit(
        WorkerEvent.ResultLate.class,
        () -> {
          made.incrementAndGet();
          return event(0);
        });
    observers.events(WorkerEvent.class).subscribe().dispose();
    observers.emit(
        WorkerEvent.ResultLate.class,
        () -> {
          made.incrementAndGet();
          return event(0);
        });

    assertThat(made).hasValue(0);
    assertThatNobodyIsRegistered();
  }

  @Test
  void makesNoEventOfAKindThatNobodyAskedFor() {
    AtomicInteger made = new AtomicInteger();
    List<WorkerEvent> seen = new CopyOnWriteArrayList<>();
    Disposable late = observers.events(WorkerEvent.ResultLate.class).subscribe(seen::add);
    observers.emit(
        WorkerEvent.Draining.class,
        () -> {
          made.incrementAndGet();
          return new WorkerEvent.Draining();
        });
    emit(7, 8);

    await(() -> seen.size() == 1);
    assertThat(made).hasValue(0);
    late.dispose();
  }

  @Test
  void makesEachEventOnceForAllObservers() {
    AtomicInteger made = new AtomicInteger();
    List<WorkerEvent> seen = new CopyOnWriteArrayList<>();
    Disposable one = observers.events(WorkerEvent.class).subscribe(seen::add);
    Disposable two = observers.events(WorkerEvent.class).subscribe(seen::add);

    observers.emit(
        WorkerEvent.ResultLate.class,
        () -> {
          made.incrementAndGet();
          return event(0);
        });

    await(() -> seen.size() == 2);
    assertThat(made).hasValue(1);
    one.dispose();
    two.dispose();
  }

  @Test
  void tellsAnObserverWhatHappensFromItsSubscriptionOnInOrder() {
    emit(0, 5);

    observers
        .events(WorkerEvent.class)
        .map(ObserversTest::number)
        .as(StepVerifier::create)
        .then(() -> emit(5, 9))
        .expectNext(5, 6, 7, 8)
        .thenCancel()
        .verify();
  }

  @Test
  void letsASlowObserverLoseItsOwnEventsOnlyAndCountsThem() throws Exception {
    int all = 3_000;
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger slow = new AtomicInteger();
    AtomicInteger fast = new AtomicInteger();
    Disposable slowOne =
        observers
            .events(WorkerEvent.class)
            .subscribe(
                event -> {
                  awaitUninterrupted(goOn);
                  slow.incrementAndGet();
                });
    Disposable fastOne =
        observers.events(WorkerEvent.class).subscribe(event -> fast.incrementAndGet());

    for (int from = 0; from < all; from += 100) {
      emit(from, from + 100);
      int soFar = from + 100;
      await(() -> fast.get() == soFar);
    }

    long dropped = counters.snapshot().droppedEvents();
    assertThat(dropped).isBetween(all - 1_024L - 2, all - 1_024L);
    goOn.countDown();
    await(() -> slow.get() == all - dropped);
    assertThat(fast).hasValue(all);
    slowOne.dispose();
    fastOne.dispose();
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted: expected to be left alone", e);
    }
  }

  @Test
  void endsOnlyTheSubscriptionOfAnObserverThatThrows() throws Exception {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
    List<Integer> seen = new CopyOnWriteArrayList<>();
    observers
        .events(WorkerEvent.class)
        .subscribe(
            event -> {
              thread.set(Thread.currentThread());
              throw new IllegalStateException("observer is broken");
            },
            failure::set);
    Disposable sound =
        observers.events(WorkerEvent.class).subscribe(event -> seen.add(number(event)));

    emit(0, 1);
    await(() -> failure.get() != null);
    emit(1, 50);

    await(() -> seen.size() == 50);
    assertThat(seen).isSorted();
    assertThat(failure.get()).hasMessage("observer is broken");
    assertThatIsGone(thread);
    sound.dispose();
    assertThatNobodyIsRegistered();
    assertThat(counters.snapshot().droppedEvents()).isZero();
  }

  @Test
  void servesEachObserverOnADaemonThreadOfItsOwnThatEndsWithIt() throws Exception {
    AtomicReference<@Nullable Thread> one = new AtomicReference<>();
    AtomicReference<@Nullable Thread> two = new AtomicReference<>();
    Disposable first =
        observers.events(WorkerEvent.class).subscribe(e -> one.set(Thread.currentThread()));
    Disposable second =
        observers.events(WorkerEvent.class).subscribe(e -> two.set(Thread.currentThread()));
    emit(0, 1);
    await(() -> one.get() != null && two.get() != null);

    assertThat(one.get()).isNotSameAs(two.get()).isNotSameAs(Thread.currentThread());
    assertThat(one.get())
        .extracting(Thread::getName, Thread::isDaemon)
        .containsExactly("holdfast-events", true);

    first.dispose();
    assertThatIsGone(one);
    emit(1, 2);
    second.dispose();
    assertThatIsGone(two);
    assertThatNobodyIsRegistered();
  }

  private static void assertThatIsGone(AtomicReference<@Nullable Thread> holder)
      throws InterruptedException {
    Thread thread = holder.get();
    assertThat(thread).isNotNull();
    if (thread != null) {
      thread.join(10_000);
      assertThat(thread.isAlive()).isFalse();
    }
  }
}
