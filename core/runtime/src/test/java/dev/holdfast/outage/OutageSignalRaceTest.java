package dev.holdfast.outage;

import static dev.holdfast.outage.Rig.GREET;
import static dev.holdfast.outage.Rig.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.outage.Rig.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.test.util.RaceTestUtils;

/** Things that happen at once. */
@Timeout(60)
class OutageSignalRaceTest {

  private static final int ROUNDS = 2_000;

  @Test
  void aFailureIsCountedOnceHoweverManyThreadsMeetIt() {
    try (Rig rig = Rig.limited(120)) {
      rig.withoutDebug();
      for (int round = 1; round <= ROUNDS; round++) {
        long begun = rig.now();
        AtomicInteger warned = new AtomicInteger();
        Runnable fail =
            () -> {
              if (rig.signal.onFailure(GREET, refused(), begun).warned()) {
                warned.incrementAndGet();
              }
            };
        rig.pass(1);
        RaceTestUtils.race(fail, fail, fail);
        assertThat(((OutageState.Outage) rig.signal.state()).attempts()).isEqualTo(1);
        assertThat(warned).hasValue(1);
        rig.pass(1);
        rig.answer(GREET);
        rig.pass(5);
        assertThat(rig.signal.isOpen()).isTrue();
      }
    }
  }

  @Test
  void oneGivesUpAndSaysSo() {
    for (int round = 0; round < ROUNDS; round++) {
      try (Rig rig = Rig.limited(10)) {
        rig.withoutDebug();
        rig.fail(GREET, refused());
        rig.pass(11);
        List<Throwable> ends = new ArrayList<>();
        rig.signal.gaveUp().subscribe(nothing -> {}, ends::add);
        Runnable fail = () -> rig.fail(GREET, refused());
        RaceTestUtils.race(fail, fail);
        assertThat(rig.lines()).filteredOn(line -> line.startsWith("ERROR")).hasSize(1);
        assertThat(ends).hasSize(1);
      }
    }
  }

  @Test
  void thePermitIsNotLostIfItsHolderLeavesWhileItIsGiven() {
    for (int round = 0; round < ROUNDS; round++) {
      try (Rig rig = Rig.never()) {
        rig.withoutDebug();
        rig.fail(GREET, refused());
        Caller leaving = rig.ask(Channel.lease());
        Caller staying = rig.ask(GREET);
        rig.pass(1.999);
        RaceTestUtils.race(() -> rig.pass(0.001), leaving.wait::dispose);
        leaving.passes.forEach(Pass::close);
        assertThat(staying.passes).as("round %s", round).hasSize(1);
        assertThat(staying.pass().isProbe()).isTrue();
      }
    }
  }

  @Test
  void nobodyIsLeftWaitingIfHeComesWhileTheServerRecovers() {
    for (int round = 0; round < ROUNDS; round++) {
      try (Rig rig = Rig.never()) {
        rig.withoutDebug();
        rig.fail(GREET, refused());
        rig.pass(1);
        List<Caller> callers = new ArrayList<>();
        RaceTestUtils.race(() -> rig.answer(GREET), () -> callers.add(rig.ask(Channel.update())));
        assertThat(callers.get(0).passes).as("round %s", round).hasSize(1);
        assertThat(rig.signal.waiting()).isZero();
      }
    }
  }

  @Test
  void nobodyIsLeftWaitingIfHeComesWhileTheSignalIsClosed() {
    for (int round = 0; round < ROUNDS; round++) {
      Rig rig = Rig.never();
      rig.withoutDebug();
      rig.fail(GREET, refused());
      List<Caller> callers = new ArrayList<>();
      RaceTestUtils.race(rig::close, () -> callers.add(rig.ask(GREET)));
      assertThat(callers.get(0).ended).as("round %s", round).isTrue();
    }
  }

  @Test
  void onlyOneProbesHoweverManyComeAtOnce() {
    for (int round = 0; round < ROUNDS; round++) {
      try (Rig rig = Rig.never()) {
        rig.withoutDebug();
        rig.fail(GREET, refused());
        rig.pass(2);
        List<Caller> callers = java.util.Collections.synchronizedList(new ArrayList<>());
        Runnable ask = () -> callers.add(rig.ask(GREET));
        RaceTestUtils.race(ask, ask, ask);
        assertThat(callers.stream().filter(caller -> caller.passes.size() == 1)).hasSize(1);
      }
    }
  }
}
