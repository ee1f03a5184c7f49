package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Leases that start and end at random before a server that fails, hangs, goes away and comes back:
 * what must hold holds at every step.
 */
@Timeout(120)
class LeaseScheduleTest {

  private static final int STEPS = 4_000;

  private final List<Kept> kept = new ArrayList<>();
  private final Set<String> over = new HashSet<>();
  private final Set<String> told = new HashSet<>();
  private final List<String> broken = new ArrayList<>();
  private final List<Sinks.Empty<Void>> outages = new ArrayList<>();
  private Random random = new Random();
  private LeaseRig rig = new LeaseRig();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void holdsItsRulesUnderARandomSchedule(long seed) {
    random = new Random(seed);
    rig = new LeaseRig(random::nextDouble);
    rig.onExtend = this::extend;
    rig.onFind = this::find;

    for (int step = 0; step < STEPS; step++) {
      act(step);
      rig.advance(Duration.ofMillis(random.nextInt(2_000)));
      assertThat(rig.underWay.get()).isBetween(0, 16 + 8);
    }

    assertThat(broken).isEmpty();
    assertThat(told).hasSizeGreaterThan(100);
    assertThat(rig.extensions).hasSizeGreaterThan(500);
    outages.forEach(Sinks.Empty::tryEmitEmpty);
    kept.forEach(Kept::end);
    rig.advance(Duration.ofMinutes(1));
    assertThat(rig.underWay).hasValue(0);
    assertThat(rig.keeper).extracting("places").hasToString("16");
    assertThat(rig.keeper).extracting("checkPlaces").hasToString("8");
  }

  private Mono<Void> extend(Lease lease) {
    String id = lease.task().id();
    if (over.contains(id)) {
      broken.add(id + " was extended after its end");
    }
    if (now() - lease.hardLimitNanos() >= 0) {
      broken.add(id + " was extended after its hard limit");
    }
    return switch (random.nextInt(4)) {
      case 0 -> Mono.error(LeaseRig.failure(ServerFailure.Kind.UNREACHABLE));
      case 1 -> Mono.delay(Duration.ofMillis(random.nextInt(15_000)), rig).then();
      default -> Mono.empty();
    };
  }

  private Mono<TaskState> find(Lease lease) {
    return switch (random.nextInt(20)) {
      case 0 -> Mono.empty();
      case 1 -> Mono.error(LeaseRig.failure(ServerFailure.Kind.BROKEN));
      default -> Mono.just(LeaseRig.held(lease));
    };
  }

  private void act(int step) {
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> keep("t" + step);
      case 3, 4 -> any().ifPresent(this::run);
      case 5 -> any().ifPresent(Kept::finished);
      case 6 -> any().ifPresent(one -> end(one).end());
      case 7 -> any().ifPresent(one -> end(one).quiet().subscribe());
      case 8 -> {
        Sinks.Empty<Void> outage = Sinks.empty();
        outages.add(outage);
        rig.gate = random.nextInt(3) == 0 ? outage.asMono() : Mono.empty();
      }
      default -> {
        outages.forEach(Sinks.Empty::tryEmitEmpty);
        if (random.nextInt(20) == 0) {
          rig.keeper.suspectAll();
        }
      }
    }
  }

  private void keep(String id) {
    int hard = random.nextInt(4) == 0 ? 20 + random.nextInt(200) : 0;
    int response = random.nextInt(5) * 15;
    kept.add(
        rig.keeper.keep(
            rig.lease(id, response, task -> task.hardTimeout(Duration.ofSeconds(hard)))));
  }

  private void run(Kept one) {
    String id = one.lease().task().id();
    one.running(
        now() + Duration.ofSeconds(random.nextInt(300)).toNanos(),
        loss -> {
          if (!told.add(id) || over.contains(id)) {
            broken.add(id + " was told twice or too late of " + loss);
          }
        });
  }

  private Kept end(Kept one) {
    kept.remove(one);
    over.add(one.lease().task().id());
    return one;
  }

  private Optional<Kept> any() {
    return kept.isEmpty() ? Optional.empty() : Optional.of(kept.get(random.nextInt(kept.size())));
  }

  private long now() {
    return rig.now(TimeUnit.NANOSECONDS);
  }
}
