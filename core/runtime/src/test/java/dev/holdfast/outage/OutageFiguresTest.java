package dev.holdfast.outage;

import static dev.holdfast.outage.Rig.GREET;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What the signal is worth, in numbers, with simulated loops on virtual time. */
@Timeout(120)
class OutageFiguresTest {

  private static final Duration LONG_POLL = Duration.ofSeconds(2);
  private static final Duration PROBE_POLL = Duration.ofMillis(100);

  /** A poll loop as a worker has it: gate, call, and again; it tells when each poll is made. */
  private static Flux<Long> polls(
      OutageSignal signal, Channel channel, SimulatedServer server, Runnable made) {
    Mono<Long> poll =
        signal
            .pass(channel)
            .filter(Pass::begin)
            .flatMap(
                pass -> {
                  made.run();
                  return pass.report(server.ask(pass.isProbe() ? PROBE_POLL : LONG_POLL));
                });
    return poll.retryWhen(signal.retry(channel)).repeat(() -> !signal.isStopped(channel));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void fiftyTypesAskADeadServerHardlyMoreOftenThanOne(int seed) {
    Random random = new Random(seed);
    Channel[] types =
        IntStream.range(0, 50).mapToObj(i -> Channel.poll("type" + i)).toArray(Channel[]::new);
    try (Rig rig = Rig.of(spec -> spec.random(random::nextDouble), types)) {
      boolean[] down = {false};
      SimulatedServer server = new SimulatedServer(rig.clock, n -> down[0], Rig::refused);
      List<Long> polled = new ArrayList<>();
      Disposable.Composite loops = Disposables.composite();
      for (Channel type : types) {
        rig.pass(random.nextDouble() / 10);
        loops.add(
            polls(rig.signal, type, server, () -> {}).subscribe(task -> polled.add(rig.now())));
      }
      rig.pass(60);
      down[0] = true;
      long before = server.requests;
      rig.pass(600);
      long during = server.requests - before;
      long recovered = rig.now();
      down[0] = false;
      rig.pass(20);

      assertThat(during).isBetween(60L, 130L);
      long first = polled.stream().filter(at -> at > recovered + 1).findFirst().orElseThrow();
      assertThat((first - recovered) / 1e9).isLessThanOrEqualTo(10.2);
      assertThat(rig.signal.isOpen()).isTrue();
      assertThat(rig.lines()).hasSizeLessThanOrEqualTo(24 + 8 + 1);
      loops.dispose();
    }
  }

  @Test
  void aThousandWorkersDoNotComeBackAsAHerd() {
    int fleet = 1_000;
    try (Rig rig = Rig.never()) {
      rig.withoutDebug();
      boolean[] down = {false};
      SimulatedServer server = new SimulatedServer(rig.clock, n -> down[0], Rig::refused);
      Disposable.Composite loops = Disposables.composite();
      List<List<Double>> polls = new ArrayList<>();
      double[] recovered = {Double.MAX_VALUE};
      for (int worker = 0; worker < fleet; worker++) {
        Random random = new Random(worker);
        OutageSpec spec = OutageSpec.create().scheduler(() -> rig.clock).random(random::nextDouble);
        OutageSignal signal = OutageSignal.create(spec, List.of(GREET));
        List<Double> mine = new ArrayList<>();
        polls.add(mine);
        Runnable made =
            () -> {
              if (rig.now() / 1e9 >= recovered[0]) {
                mine.add(rig.now() / 1e9 - recovered[0]);
              }
            };
        loops.add(polls(signal, GREET, server, made).subscribe());
        loops.add(signal::close);
      }
      rig.pass(10);
      down[0] = true;
      rig.pass(600);
      recovered[0] = rig.now() / 1e9;
      down[0] = false;
      rig.pass(20);
      loops.dispose();

      assertThat(polls).allMatch(mine -> !mine.isEmpty());
      assertThat(mostInASecond(polls, 0)).as("first arrivals").isLessThanOrEqualTo(fleet / 5);
      assertThat(mostInASecond(polls, 1)).as("polls after it").isLessThanOrEqualTo(fleet / 5);
      assertThat(polls).allMatch(mine -> mine.get(0) <= 10);
      assertThat(polls).as("all back").allMatch(mine -> mine.get(1) <= 15.2);
    }
  }

  /** How many workers made their n-th poll within one second, in the busiest one. */
  private static int mostInASecond(List<List<Double>> polls, int nth) {
    List<Double> times = new ArrayList<>();
    polls.forEach(mine -> times.add(mine.get(nth)));
    Collections.sort(times);
    int most = 0;
    for (int from = 0, to = 0; to < times.size(); to++) {
      while (times.get(to) - times.get(from) > 1) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10})
  void anHourInWhichEverySecondCallFailsIsOneOutage(int types) {
    Random random = new Random(types);
    Channel[] channels =
        IntStream.range(0, types).mapToObj(i -> Channel.poll("type" + i)).toArray(Channel[]::new);
    int batch = 10;
    try (Rig rig = Rig.of(spec -> spec.random(random::nextDouble), channels)) {
      rig.withoutDebug();
      boolean[] healed = {false};
      SimulatedServer server =
          new SimulatedServer(rig.clock, n -> !healed[0] && n % 2 == 0, Rig::busy);
      long[] leased = {0};
      long[] delivered = {0};
      boolean[] stopped = {false};
      Channel update = Channel.update();
      Mono<Long> send =
          rig.signal
              .call(update, server.ask(Duration.ofMillis(10)))
              .retryWhen(rig.signal.retry(update))
              .doOnNext(sent -> delivered[0]++);
      Disposable.Composite loops = Disposables.composite();
      for (Channel channel : channels) {
        loops.add(
            polls(rig.signal, channel, server, () -> {})
                .takeUntil(task -> stopped[0])
                .flatMap(
                    task -> {
                      leased[0] += batch;
                      return Flux.range(0, batch).flatMap(n -> send, 4);
                    },
                    256)
                .subscribe());
      }
      rig.pass(3600);
      long requests = server.requests;
      List<String> lines = rig.lines();
      long deliveredInTime = delivered[0];
      healed[0] = true;
      stopped[0] = true;
      rig.pass(60);

      assertThat(lines).hasSizeLessThanOrEqualTo(90).noneMatch(line -> line.contains("again"));
      assertThat(deliveredInTime).isGreaterThan(300);
      assertThat((double) requests / deliveredInTime).isLessThanOrEqualTo(2.5);
      assertThat(delivered[0]).as("nothing is lost").isEqualTo(leased[0]);
      assertThat(rig.lines()).last().asString().startsWith("INFO Server answers again after 36");
      loops.dispose();
    }
  }
}
