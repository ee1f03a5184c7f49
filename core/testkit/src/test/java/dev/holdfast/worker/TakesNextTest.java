package dev.holdfast.worker;

import static dev.holdfast.worker.WorkerRig.echo;
import static dev.holdfast.worker.WorkerRig.input;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.Call;
import dev.holdfast.testkit.CallRecord;
import dev.holdfast.testkit.Fault;
import dev.holdfast.testkit.LeakGuard;
import dev.holdfast.testkit.TaskTypeSpec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The rules of an update that brings the next task, on virtual time. */
@Timeout(60)
class TakesNextTest {

  @RegisterExtension final LeakGuard leaks = new LeakGuard();

  private final WorkerRig rig = new WorkerRig();

  private int calls(Call kind) {
    return rig.server.requestCount(kind);
  }

  @Test
  void underABacklogNearlyEveryTaskComesWithAnUpdate() {
    rig.server.submitMany("greet", 500);
    rig.start("greet", 5, rig.takes(Duration.ofMillis(100)));
    rig.advance(Duration.ofSeconds(9));

    long done = rig.server.runs().stream().filter(run -> run.endMillis() >= 0).count();
    assertThat(done).isGreaterThan(400);
    assertThat(calls(Call.POLL) + calls(Call.UPDATE) + calls(Call.UPDATE_AND_POLL))
        .as("requests for %d tasks", done)
        .isLessThan((int) (done * 1.05) + 5);
    rig.advance(Duration.ofSeconds(10));
    rig.server.assertAllCompleted();
    rig.server.assertOneUpdatePerAttempt();
    assertThat(rig.finish().delivered()).isEqualTo(500);
  }

  @Test
  void asksForNothingWhenNothingWaits() {
    rig.start("greet", 5, echo());
    for (int task = 0; task < 20; task++) {
      rig.server.submit("greet", input(task));
      rig.advance(Duration.ofSeconds(5));
    }

    assertThat(calls(Call.UPDATE)).isEqualTo(20);
    assertThat(calls(Call.UPDATE_AND_POLL)).isZero();
    rig.finish();
  }

  @Test
  void neverHasMoreLeasedThanItHasSlots() {
    rig.server.submitMany("greet", 300);
    rig.start("greet", 4, rig.takesUnevenly());
    rig.advance(Duration.ofSeconds(30));

    assertThat(calls(Call.UPDATE_AND_POLL)).isPositive();
    assertThat(rig.server.maxUnfinished()).isEqualTo(4);
    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void aBacklogStarvesNoOtherType() {
    rig.server.submitMany("busy", 2_000);
    rig.start(
        WorkerSpec.of(
                TaskSpec.of("busy", rig.server.observe(rig.takes(Duration.ofMillis(50)))),
                TaskSpec.of("rare", rig.server.observe(rig.takes(Duration.ofMillis(50)))))
            .slots(4));
    rig.advance(Duration.ofSeconds(1));
    for (int task = 0; task < 10; task++) {
      long ready = rig.nowMillis();
      String rare = rig.server.submit("rare", input(task));
      rig.advance(Duration.ofSeconds(1));

      assertThat(rig.server.runs(rare))
          .singleElement()
          .satisfies(run -> assertThat(run.beginMillis() - ready).isLessThanOrEqualTo(250));
    }
    assertThat(calls(Call.UPDATE_AND_POLL)).isPositive();
    rig.advance(Duration.ofSeconds(60));
    rig.finish();
  }

  @Test
  void aResultWhoseUpdateFailedIsSentAloneAndItsSlotIsFreeMeanwhile() {
    rig.server.script(Call.UPDATE_AND_POLL).always(Fault.unauthorized());
    rig.server.submitMany("greet", 40);
    rig.start("greet", 2, rig.takes(Duration.ofMillis(10)));
    rig.advance(Duration.ofSeconds(1));

    assertThat(rig.server.runs()).as("none waits for a result's retry").hasSize(40);
    assertThat(calls(Call.UPDATE_AND_POLL)).isPositive();
    rig.advance(Duration.ofSeconds(15));
    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void aTaskThatALostAnswerHidComesBackByTheServersTimeoutAndTheResultIsSentAgain() {
    rig.server.define("greet", TaskTypeSpec.defaults().withResponseTimeout(Duration.ofSeconds(20)));
    rig.server.script(Call.UPDATE_AND_POLL).next(Fault.loseAnswer());
    rig.server.submitMany("greet", 30);
    rig.start("greet", 2, rig.takes(Duration.ofMillis(10)));
    rig.advance(Duration.ofSeconds(90));

    rig.server.assertAllCompleted();
    rig.finish();
  }

  @Test
  void aTaskThatComesWithAnUpdateAfterTheStopIsHandedBackUnstarted() {
    rig.server.latency(Duration.ofMillis(50));
    rig.server.submitMany("greet", 100);
    Worker worker = rig.start("greet", 3, rig.takes(Duration.ofMillis(100)));
    rig.advance(Duration.ofSeconds(3));
    assertThat(inFlight()).as("an update is on its way").isPositive();
    int before = rig.server.runs().size();
    worker.stop().subscribe();
    rig.advance(Duration.ofSeconds(30));

    assertThat(rig.server.runs()).hasSize(before);
    assertThat(worker.stats().released()).isPositive();
    assertThat(rig.server.leasedNow()).isZero();
    rig.server.assertNoPollCancelled();
    rig.finish();
  }

  private long inFlight() {
    return rig.server.calls(Call.UPDATE_AND_POLL).stream()
        .filter(call -> call.endMillis() < 0)
        .count();
  }

  @Test
  void aTypeWithABacklogIsStillAskedByPollsForTheSlotsThatNoUpdateHolds() {
    rig.server.submitMany("greet", 60);
    rig.start("greet", 1, rig.takes(Duration.ofMillis(10)));
    rig.advance(Duration.ofSeconds(1));
    assertThat(calls(Call.UPDATE_AND_POLL)).isPositive();
    rig.advance(Duration.ofSeconds(10));
    rig.server.submitMany("greet", 20);
    rig.advance(Duration.ofSeconds(4));

    List<CallRecord> polls = rig.polls("greet");
    assertThat(polls).as("an empty answer ends the backlog, and polls go on").hasSizeGreaterThan(4);
    rig.server.assertAllCompleted();
    rig.finish();
  }
}
