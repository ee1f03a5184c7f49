package dev.holdfast.worker;

import static dev.holdfast.worker.WorkerRig.echo;
import static dev.holdfast.worker.WorkerRig.input;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.outage.Channel;
import dev.holdfast.outage.OutageSpec;
import dev.holdfast.outage.OutageState;
import dev.holdfast.testkit.Call;
import dev.holdfast.testkit.CallRecord;
import dev.holdfast.testkit.FakeTaskServer;
import dev.holdfast.testkit.Fault;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.testkit.UpdateRecord;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an outage of the server does to a worker that never gives up, on virtual time. */
@Timeout(120)
class OutageTest {

  private static final Duration CAP = Duration.ofSeconds(10);

  @RegisterExtension final LeakGuard leaks = new LeakGuard();
  @RegisterExtension final LogLines log = new LogLines();

  private final WorkerRig rig = new WorkerRig();

  @Test
  void aServerThatIsDownAtTheStartIsWaitedFor() {
    rig.server.submitMany("greet", 3);
    rig.server.down();
    Worker worker = rig.start("greet", 3, echo());
    rig.advance(Duration.ofMinutes(3));
    assertThat(worker.stats().polled()).isZero();
    rig.server.up();
    rig.advance(CAP.plusSeconds(6));

    rig.server.assertAllCompleted();
    assertThat(log.ofTheServer())
        .startsWith("WARN Server unreachable — retrying (1s elapsed, no limit)")
        .last()
        .asString()
        .startsWith("INFO Server reachable again after ");
    assertThat(log.events()).allMatch(event -> event.getThrowableProxy() == null);
    rig.finish();
  }

  @Test
  void resultsOfHandlersThatEndInAnOutageWaitAndAreDeliveredOnce() {
    List<String> tasks = rig.server.submitMany("greet", 5);
    Worker worker = rig.start("greet", 5, rig.takes(Duration.ofSeconds(20)));
    rig.advance(Duration.ofSeconds(5));
    rig.server.down();
    rig.advance(Duration.ofMinutes(2));
    assertThat(worker.stats().outbox()).isEqualTo(5);
    assertThat(worker.stats().running()).isZero();
    rig.server.up();
    rig.advance(CAP);

    assertThat(tasks)
        .allSatisfy(
            task -> {
              assertThat(rig.applied(task)).hasSize(1);
              assertThat(rig.server.updates(task))
                  .extracting(UpdateRecord::effect)
                  .doesNotContain(UpdateRecord.Effect.REPEATED);
              assertThat(rig.server.runs(task)).hasSize(1);
            });
    assertThat(rig.finish().delivered()).isEqualTo(5);
  }

  @Test
  void resultsThatWaitForAPlaceAreNotSentIfTheServerGoesAwayAgain() {
    rig.server.latency(Duration.ofMillis(100));
    rig.server.submitMany("greet", 200);
    Worker worker = rig.startSendingAlone("greet", 200, rig.takes(Duration.ofSeconds(10)));
    rig.advance(Duration.ofSeconds(5));
    rig.server.down();
    rig.advance(Duration.ofMinutes(1));
    assertThat(worker.stats().outbox()).isEqualTo(200);
    rig.server.up();
    rig.advanceUntil(CAP.plusSeconds(1), () -> worker.stats().delivered() > 0);
    rig.advanceMillis(50);
    int sent = rig.server.updates().size();
    rig.server.down();
    rig.advance(Duration.ofSeconds(30));

    assertThat(rig.server.updates().size() - sent).isBetween(2, 6);
    rig.server.up();
    rig.advance(CAP.plusSeconds(6));
    rig.server.assertAllCompleted();
    assertThat(rig.finish().delivered()).isEqualTo(200);
  }

  @Test
  void anOutageOfTenMinutesTakesFewRequestsHoweverManyTypesThereAre() {
    List<String> types = IntStream.range(0, 50).mapToObj(i -> "type-" + i).toList();
    rig.server.down();
    TaskSpec[] tasks =
        types.stream()
            .map(type -> TaskSpec.of(type, rig.server.observe(echo())))
            .toArray(TaskSpec[]::new);
    Worker worker = rig.start(WorkerSpec.of(tasks).slots(20));
    rig.advance(Duration.ofMinutes(10));
    assertThat(rig.server.requestCount()).isBetween(60, 130);

    types.forEach(type -> rig.server.submit(type, input(1)));
    rig.server.up();
    rig.advance(CAP.plusMillis(200));
    assertThat(worker.stats().polled()).as("the probe brings a task").isPositive();
    rig.advance(Duration.ofSeconds(10));
    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void aServerThatFailsEverySecondCallIsOneOutageAndLosesNothing() {
    for (Call call : Call.values()) {
      for (int i = 0; i < 5_000; i++) {
        rig.server.script(call).next(Fault.overloaded(null)).next(Fault.none());
      }
    }
    rig.server.submitMany("greet", 1_000);
    Worker worker = rig.start("greet", 10, rig.takesUnevenly());
    rig.advance(Duration.ofHours(1));
    int sent = rig.server.updates().size();
    long delivered = worker.stats().delivered();
    assertThat(log.all()).hasSizeLessThanOrEqualTo(90);
    assertThat(delivered).isPositive();
    assertThat(sent).isLessThanOrEqualTo((int) (2.5 * delivered));
    for (Call call : Call.values()) {
      rig.server.script(call).clear();
    }
    rig.advance(Duration.ofMinutes(2));
    rig.server.assertAllCompleted();
    assertThat(rig.finish().delivered()).isEqualTo(1_000);
  }

  @ParameterizedTest
  @EnumSource(
      value = ServerFailure.Kind.class,
      names = {"BROKEN", "REJECTED", "UNAUTHORIZED"})
  void aTypeWhosePollsFailForHoursIsDegradedAndNoOther(ServerFailure.Kind kind) {
    rig.server.script(Call.POLL, "bad").always(Fault.fail(kind));
    Worker worker =
        rig.start(
            WorkerSpec.of(
                TaskSpec.of("bad", rig.server.observe(echo())),
                TaskSpec.of("greet", rig.server.observe(echo()))));
    List<OutageState> states = new CopyOnWriteArrayList<>();
    var watching =
        worker
            .events()
            .ofType(WorkerEvent.ServerChanged.class)
            .subscribe(changed -> states.add(changed.state()));
    int tried = 0;
    while (tried < 2_000) {
      String task = rig.server.submit("greet", input(1));
      rig.advance(Duration.ofSeconds(100));
      assertThat(rig.server.state(task).status()).isEqualTo(TaskStatus.COMPLETED);
      int before = tried;
      tried = rig.polls("bad").size();
      assertThat(tried).as("the lane lives").isGreaterThan(before);
    }
    rig.server.script(Call.POLL, "bad").clear();
    rig.server.submit("bad", input(1));
    rig.advance(CAP.plusSeconds(1));
    rig.server.assertAllCompleted();

    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!endsWell(states) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    watching.dispose();
    Channel bad = Channel.poll("bad");
    assertThat(endsWell(states)).isTrue();
    assertThat(states)
        .allMatch(OutageState.Healthy.class::isInstance)
        .allSatisfy(state -> assertThat(state.degraded().keySet()).isSubsetOf(bad))
        .first()
        .satisfies(state -> assertThat(state.degraded().get(bad).kind()).isEqualTo(kind));
    assertThat(log.ofTheServer()).noneMatch(line -> line.contains("unreachable"));
    rig.finish();
  }

  private static boolean endsWell(List<OutageState> states) {
    return !states.isEmpty() && states.get(states.size() - 1).degraded().isEmpty();
  }

  @Test
  void anElementThatCannotBeUsedIsNoOutage() {
    rig.server.script(Call.POLL).next(3, Fault.unusable(1));
    rig.server.submitMany("greet", 6);
    rig.startSendingAlone("greet", 2, echo());
    rig.advance(Duration.ofSeconds(2));

    assertThat(rig.server.updates()).hasSizeGreaterThanOrEqualTo(6);
    assertThat(log.ofTheServer()).isEmpty();
    rig.finish();
  }

  @Test
  void aCallThatHangsFromBeforeTheRecoveryOpensNoSecondOutage() {
    rig.server.script(Call.POLL, "slow").next(Fault.hang());
    rig.server.script(Call.POLL, "greet").next(Fault.refuse());
    rig.start(
        WorkerSpec.of(
            TaskSpec.of("slow", rig.server.observe(echo())),
            TaskSpec.of("greet", rig.server.observe(echo()))));
    rig.advance(Duration.ofSeconds(30));

    assertThat(rig.polls("slow").get(0).endMillis())
        .as("it hung until after the outage")
        .isGreaterThan(10_000);
    assertThat(log.ofTheServer()).hasSize(2).last().asString().contains("reachable again");
    assertThat(rig.longestGapMillis("greet")).isLessThan(7_500);
    assertThat(rig.polls("slow")).as("its lane goes on").hasSizeGreaterThan(3);
    rig.finish();
  }

  @Test
  void twoOutagesWithinTheThrottleOfTheLogBothWarn() {
    rig.start(
        WorkerSpec.of("greet", rig.server.observe(echo()))
            .outage(OutageSpec.create().logInterval(Duration.ofMinutes(5))));
    for (int i = 0; i < 2; i++) {
      rig.advance(Duration.ofSeconds(5));
      rig.server.down();
      rig.advance(Duration.ofSeconds(1));
      rig.server.up();
      rig.advance(Duration.ofSeconds(15));
    }

    assertThat(log.ofTheServer())
        .hasSize(4)
        .filteredOn(line -> line.startsWith("WARN"))
        .containsExactly(
            "WARN Server unreachable — retrying (1s elapsed, no limit)",
            "WARN Server unreachable — retrying (1s elapsed, no limit)");
    rig.finish();
  }

  @Test
  void stopWakesTheLanesThatWaitForTheServer() {
    rig.server.down();
    Worker worker =
        rig.start(WorkerSpec.of(TaskSpec.of("greet", echo()), TaskSpec.of("bill", echo())));
    rig.advance(Duration.ofSeconds(61));
    worker.stop().subscribe();
    rig.advanceMillis(100);

    assertThat(rig.endings()).containsExactly("completed");
    rig.verified();
  }

  @Test
  void theOutageOfOneServerIsNoneOfAnothers() {
    FakeTaskServer other = FakeTaskServer.on(rig.time);
    other.down();
    Worker away =
        Worker.create(
            other.client("away"), WorkerSpec.of("greet", echo()).scheduler(() -> rig.time));
    away.run().subscribe();
    rig.start("greet", 3, echo());
    for (int i = 0; i < 20; i++) {
      rig.server.submit("greet", input(i));
      rig.advance(Duration.ofSeconds(3));
      rig.server.assertAllCompleted();
    }

    assertThat(rig.longestGapMillis("greet")).isLessThan(2_100);
    assertThat(other.requestCount()).isLessThan(15);
    away.stop().subscribe();
    rig.finish();
    other.verify();
  }

  @Test
  void whatTheServerAsksOneCallToWaitAllOthersWaitToo() {
    rig.server.script(Call.UPDATE).next(Fault.overloaded(Duration.ofSeconds(45)));
    rig.server.submit("greet", input(1));
    rig.startSendingAlone("greet", 1, echo());
    rig.advanceMillis(500);
    CallRecord refused = rig.server.calls(Call.UPDATE).get(0);
    rig.advance(Duration.ofSeconds(44));
    assertThat(rig.polls("greet"))
        .as("polls that began after the answer")
        .noneMatch(poll -> poll.beginMillis() > refused.endMillis());
    rig.advance(Duration.ofSeconds(3));

    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void aRetryAfterOfAPollIsHonoured() {
    rig.server.script(Call.POLL).next(Fault.overloaded(Duration.ofSeconds(30)));
    rig.server.submit("greet", input(1));
    rig.start("greet", 1, echo());
    rig.advance(Duration.ofSeconds(40));

    List<CallRecord> polls = rig.polls("greet");
    assertThat(polls.get(1).beginMillis() - polls.get(0).endMillis()).isBetween(30_000L, 31_010L);
    assertThat(log.ofTheServer())
        .startsWith("WARN Server overloaded — retrying (1s elapsed, no limit)");
    rig.server.assertAllCompleted();
    rig.finish();
  }
}
