package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;
import reactor.test.util.RaceTestUtils;

/** Observers that leave while something happens. */
@Timeout(60)
class ObserversRaceTest {

  private final Observers observers = new Observers(new Counters());
  private final List<Throwable> dropped = new CopyOnWriteArrayList<>();

  @AfterEach
  void reset() {
    Hooks.resetOnErrorDropped();
  }

  @Test
  void dropsNoErrorIfEventsRaceWithACancel() {
    Hooks.onErrorDropped(dropped::add);
    for (int round = 0; round < 2_000; round++) {
      Disposable observer = observers.events(WorkerEvent.class).subscribe();

      RaceTestUtils.race(
          observer::dispose,
          () -> observers.emit(WorkerEvent.Draining.class, WorkerEvent.Draining::new),
          () -> observers.emit(WorkerEvent.Draining.class, WorkerEvent.Draining::new));
    }
    assertThat(dropped).isEmpty();
  }
}
