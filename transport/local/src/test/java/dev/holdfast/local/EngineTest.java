package dev.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.local.TaskResult.Status;
import dev.holdfast.store.InMemoryJournal;
import dev.holdfast.store.JournalEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules, on virtual time. */
@Timeout(60)
class EngineTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Rig rig = new Rig();

  @Test
  void aLeaseThatNobodyExtendsLapsesOnTimeAndIsRetried() {
    rig.define("'retryCount':1,'retryDelaySeconds':5,'responseTimeoutSeconds':60");
    String flow = rig.begin();
    LocalTask task = rig.lease();

    rig.pass(Duration.ofMillis(59_999));
    assertThat(rig.task(task.id()).status()).isEqualTo(TaskStatus.IN_PROGRESS);
    rig.pass(Duration.ofMillis(1));

    LocalTask lapsed = rig.task(task.id());
    assertThat(lapsed.status()).isEqualTo(TaskStatus.TIMED_OUT);
    assertThat(lapsed.reason()).startsWith("responseTimeout: 60 exceeded");
    LocalTask retry = rig.workflow(flow).tasks().get(1);
    assertThat(retry.scheduled().retryCount()).isEqualTo(1);
    assertThat(retry.scheduled().retriedTaskId()).isEqualTo(task.id());
    assertThat(lapsed.retried()).isTrue();
    rig.pass(Duration.ofMillis(4_999));
    assertThat(rig.poll(Rig.QUEUE, 1)).isEmpty();
    rig.pass(Duration.ofMillis(1));
    assertThat(rig.lease().id()).isEqualTo(retry.id());
  }

  @Test
  void whatComesAfterTheTimeoutIsDiscarded() {
    rig.define("'retryCount':1,'retryDelaySeconds':0,'responseTimeoutSeconds':1");
    String flow = rig.begin();
    LocalTask task = rig.lease();
    rig.pass(SECOND);

    rig.update(task, Status.COMPLETED);
    rig.update(task, Status.IN_PROGRESS, 0, true);

    assertThat(rig.task(task.id()).status()).isEqualTo(TaskStatus.TIMED_OUT);
    assertThat(rig.workflow(flow).workflow().status()).isEqualTo(WorkflowStatus.RUNNING);
  }

  @Test
  void theLastTimeoutEndsTheWorkflow() {
    rig.define("'retryCount':0,'responseTimeoutSeconds':1");
    String flow = rig.begin();
    rig.lease();
    rig.pass(SECOND);

    assertThat(rig.workflow(flow).workflow().status()).isEqualTo(WorkflowStatus.TIMED_OUT);
  }

  @Test
  void anExtendedLeaseBeginsAnewButNotPastTheHardLimit() {
    rig.define("'retryCount':0,'timeoutSeconds':100,'responseTimeoutSeconds':60");
    String flow = rig.begin();
    LocalTask task = rig.lease();
    rig.pass(Duration.ofSeconds(50));
    rig.update(task, Status.IN_PROGRESS, 0, true);
    rig.pass(Duration.ofMillis(49_999));
    assertThat(rig.task(task.id()).status()).isEqualTo(TaskStatus.IN_PROGRESS);
    rig.pass(Duration.ofMillis(1));

    assertThat(rig.task(task.id()).status()).isEqualTo(TaskStatus.TIMED_OUT);
    assertThat(rig.workflow(flow).workflow().status()).isEqualTo(WorkflowStatus.TIMED_OUT);
    assertThat(rig.workflow(flow).workflow().reason())
        .isEqualTo(
            "Task timed out after 100 seconds. Timeout configured as 100 seconds. Timeout policy"
                + " configured to TIME_OUT_WF");
  }

  @Test
  void theHardLimitHoldsForATaskThatWasHandedBackToo() {
    rig.define("'retryCount':0,'timeoutSeconds':100,'responseTimeoutSeconds':60");
    rig.begin();
    LocalTask task = rig.lease();
    rig.update(task, Status.IN_PROGRESS, 1000, false);
    rig.pass(Duration.ofSeconds(100));
    assertThat(rig.task(task.id()).status()).isEqualTo(TaskStatus.TIMED_OUT);
  }

  @ParameterizedTest
  @CsvSource({
    "RETRY, TIMED_OUT, RUNNING",
    "TIME_OUT_WF, TIMED_OUT, TIMED_OUT",
    "ALERT_ONLY, IN_PROGRESS, RUNNING"
  })
  void theHardLimitDoesWhatItsPolicySays(String policy, TaskStatus task, WorkflowStatus workflow) {
    rig.define(
        "'retryCount':1,'timeoutSeconds':10,'responseTimeoutSeconds':10,'timeoutPolicy':'"
            + policy
            + "'");
    String flow = rig.begin();
    LocalTask leased = rig.lease();
    rig.pass(Duration.ofSeconds(9));
    rig.update(leased, Status.IN_PROGRESS, 0, true);
    rig.pass(SECOND);

    assertThat(rig.task(leased.id()).status()).isEqualTo(task);
    assertThat(rig.workflow(flow).workflow().status()).isEqualTo(workflow);
  }

  @Test
  void aTaskThatNobodyPollsTimesOut() {
    rig.define("'retryCount':0,'pollTimeoutSeconds':30");
    String flow = rig.begin();
    rig.pass(Duration.ofMillis(29_999));
    assertThat(rig.workflow(flow).workflow().status()).isEqualTo(WorkflowStatus.RUNNING);
    rig.pass(Duration.ofMillis(1));
    assertThat(rig.workflow(flow).workflow().status()).isEqualTo(WorkflowStatus.TIMED_OUT);
  }

  @ParameterizedTest
  @CsvSource({"FIXED, 3, 3, 3", "LINEAR_BACKOFF, 6, 12, 18", "EXPONENTIAL_BACKOFF, 3, 6, 12"})
  void retriesWaitAsTheirLogicSays(String logic, int first, int second, int third) {
    rig.define(
        "'retryCount':3,'retryDelaySeconds':3,'backoffScaleFactor':2,'retryLogic':'" + logic + "'");
    String flow = rig.begin();
    for (int seconds : List.of(first, second, third)) {
      rig.update(rig.lease(), Status.FAILED);
      rig.pass(Duration.ofMillis(seconds * 1000L - 1));
      assertThat(rig.poll(Rig.QUEUE, 1)).isEmpty();
      rig.pass(Duration.ofMillis(1));
    }
    rig.update(rig.lease(), Status.FAILED);
    assertThat(rig.workflow(flow).workflow().status()).isEqualTo(WorkflowStatus.FAILED);
    assertThat(rig.workflow(flow).tasks()).hasSize(4);
  }

  @Test
  void aBackoffNeverOverflows() {
    TaskDefinition type =
        TaskDefinition.parse(
            "{\"name\":\"t\",\"retryDelaySeconds\":2000000000,\"backoffScaleFactor\":2000000000,"
                + "\"retryLogic\":\"LINEAR_BACKOFF\"}");
    assertThat(type.delaySecondsAfter(900)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void aTaskThatIsHandedBackComesAgainAfterItsDelayUnderTheSameId() {
    rig.define("'retryCount':0");
    rig.begin();
    LocalTask task = rig.lease();
    rig.update(task, Status.IN_PROGRESS, 7, false);
    assertThat(rig.<Integer>call(rules -> rules.waiting(Rig.QUEUE))).isEqualTo(1);
    rig.pass(Duration.ofMillis(6_999));
    assertThat(rig.poll(Rig.QUEUE, 1)).isEmpty();
    rig.pass(Duration.ofMillis(1));

    LocalTask again = rig.lease();
    assertThat(again.id()).isEqualTo(task.id());
    assertThat(again.pollCount()).isEqualTo(2);
    assertThat(again.output()).isEqualTo("{\"o\":1}");
    assertThat(again.startTime()).isEqualTo(task.startTime());
  }

  @Test
  void aLongPollIsAnsweredWithTheFirstTaskAtOnce() {
    var poll = rig.start(rig.engine.poll(Rig.QUEUE, "w1", 5, Duration.ofSeconds(5)));
    rig.pass(Duration.ofSeconds(2));
    assertThat(poll.isDone()).isFalse();

    rig.begin();

    assertThat(poll.value()).hasSize(1);
  }

  @Test
  void aLongPollIsAnsweredWhenADelayHasPassed() {
    rig.define("'retryCount':1,'retryDelaySeconds':3");
    rig.begin();
    rig.update(rig.lease(), Status.FAILED);
    var poll = rig.start(rig.engine.poll(Rig.QUEUE, "w1", 1, Duration.ofSeconds(5)));
    rig.pass(Duration.ofMillis(2_999));
    assertThat(poll.isDone()).isFalse();
    rig.pass(Duration.ofMillis(1));
    assertThat(poll.value()).hasSize(1);
  }

  @Test
  void aLongPollForNothingEndsEmptyWhenItsTimeIsOver() {
    var poll = rig.start(rig.engine.poll(Rig.QUEUE, "w1", 1, Duration.ofSeconds(5)));
    rig.pass(Duration.ofMillis(4_999));
    assertThat(poll.isDone()).isFalse();
    rig.pass(Duration.ofMillis(1));
    assertThat(poll.value()).isEmpty();
  }

  @Test
  void pollsThatWaitAreServedInTurnAndOneThatWasCancelledGetsNothing() {
    var first = rig.start(rig.engine.poll(Rig.QUEUE, "w1", 1, Duration.ofSeconds(5)));
    var second = rig.start(rig.engine.poll(Rig.QUEUE, "w2", 1, Duration.ofSeconds(5)));
    var third = rig.start(rig.engine.poll(Rig.QUEUE, "w3", 1, Duration.ofSeconds(5)));
    first.cancel();

    rig.begin();

    assertThat(second.value()).extracting(view -> view.task().workerId()).containsExactly("w2");
    assertThat(third.isDone()).isFalse();
  }

  @Test
  void whatIsGivenBackIsAsItWasAndFirstInItsQueue() {
    rig.begin();
    rig.begin();
    List<TaskView> leased = rig.poll(Rig.QUEUE, 1);
    rig.engine.giveBack(leased);

    LocalTask back = rig.task(leased.get(0).task().id());
    assertThat(back.status()).isEqualTo(TaskStatus.SCHEDULED);
    assertThat(back.pollCount()).isZero();
    assertThat(back.startTime()).isZero();
    assertThat(back.workerId()).isNull();
    assertThat(rig.lease().id()).isEqualTo(back.id());
  }

  @Test
  void whatHasMovedOnIsNotGivenBack() {
    rig.begin();
    List<TaskView> leased = rig.poll(Rig.QUEUE, 1);
    rig.update(leased.get(0).task(), Status.COMPLETED);
    rig.engine.giveBack(leased);
    assertThat(rig.task(leased.get(0).task().id()).status()).isEqualTo(TaskStatus.COMPLETED);
  }

  @Test
  void tasksComeByPriorityThenByAge() {
    String low = rig.begin(Map.of(), 1, null);
    String high = rig.begin(Map.of(), 9, null);
    String later = rig.begin(Map.of(), 9, null);
    assertThat(rig.poll(Rig.QUEUE, 3))
        .extracting(view -> view.plan().id())
        .containsExactly(high, later, low);
  }

  @Test
  void aDomainIsAQueueOfItsOwnAndABlankOneToo() {
    rig.begin(Map.of(Rig.TYPE, "blue"), 0, null);
    assertThat(rig.poll(Rig.QUEUE, 1)).isEmpty();
    assertThat(rig.poll(new QueueKey(Rig.TYPE, ""), 1)).isEmpty();
    assertThat(rig.poll(new QueueKey(Rig.TYPE, "blue"), 1)).hasSize(1);
  }

  @Test
  void ofSeveralDomainsOneThatIsPolledIsChosen() {
    rig.poll(new QueueKey(Rig.TYPE, "red"), 1);
    rig.pass(Duration.ofSeconds(9));
    rig.begin(Map.of("*", "blue,red,green"), 0, null);
    assertThat(rig.poll(new QueueKey(Rig.TYPE, "red"), 1)).hasSize(1);
    rig.pass(Duration.ofSeconds(11));
    rig.begin(Map.of("*", "blue,red,green"), 0, null);
    assertThat(rig.poll(new QueueKey(Rig.TYPE, "green"), 1)).hasSize(1);
  }

  @Test
  void aTerminatedWorkflowCancelsItsTask() {
    String flow = rig.begin();
    LocalTask task = rig.lease();
    rig.call(
        rules -> {
          rules.terminate(flow, "why");
          return true;
        });
    rig.update(task, Status.COMPLETED);
    assertThat(rig.task(task.id()).status()).isEqualTo(TaskStatus.CANCELED);
    assertThat(rig.workflow(flow).workflow().status()).isEqualTo(WorkflowStatus.TERMINATED);
    assertThat(rig.workflow(flow).workflow().reason()).isEqualTo("why");
  }

  @Test
  void aCancelledTaskIsNotRetried() {
    rig.define("'retryCount':3");
    String flow = rig.begin();
    rig.update(rig.lease(), Status.CANCELED);
    assertThat(rig.workflow(flow).workflow().status()).isEqualTo(WorkflowStatus.TERMINATED);
    assertThat(rig.workflow(flow).tasks()).hasSize(1);
  }

  @Test
  void anIdempotencyKeyStartsOneWorkflow() {
    String first = rig.begin(Map.of(), 0, "k");
    assertThatThrownBy(() -> rig.begin(Map.of(), 0, "k"))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.status()).isEqualTo(409);
              assertThat(refusal.text()).contains(first);
            });
  }

  @Test
  void whenThereAreTooManyOpenWorkflowsAnotherIsRefusedForNow() {
    Rig small = new Rig(new InMemoryJournal(), LocalServerSpec.create().maxOpenWorkflows(2));
    small.begin();
    small.begin();
    assertThatThrownBy(small::begin)
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(429));
    small.update(small.lease(), Status.COMPLETED);
    assertThat(small.begin()).isNotBlank();
  }

  @Test
  void endedWorkflowsAreForgottenByNumberAndByAge() {
    InMemoryJournal journal = new InMemoryJournal();
    Rig small = new Rig(journal, LocalServerSpec.create().retention(2, Duration.ofHours(1)));
    String first = small.begin(Map.of(), 0, "k");
    small.update(small.lease(), Status.COMPLETED);
    for (int i = 0; i < 2; i++) {
      small.begin();
      small.update(small.lease(), Status.COMPLETED);
    }
    assertThatThrownBy(() -> small.workflow(first)).isInstanceOf(Refusal.class);
    assertThat(journal.replay(first, 0).collectList().block()).isEmpty();
    assertThat(small.begin(Map.of(), 0, "k")).as("the key is free").isNotBlank();
    small.update(small.lease(), Status.COMPLETED);

    small.pass(Duration.ofHours(1));
    assertThat(journal.replay().collectList().block()).isEmpty();
  }

  @Test
  void aClockThatIsSetMovesNoDeadline() {
    rig.define("'retryCount':0,'responseTimeoutSeconds':60");
    rig.begin();
    LocalTask task = rig.lease();
    rig.wallShift.set(Duration.ofDays(3).toMillis());
    rig.pass(Duration.ofSeconds(30));
    rig.update(task, Status.IN_PROGRESS, 0, true);
    rig.wallShift.set(-Duration.ofDays(3).toMillis());
    rig.pass(Duration.ofSeconds(59));
    assertThat(rig.task(task.id()).status()).isEqualTo(TaskStatus.IN_PROGRESS);
    rig.pass(SECOND);
    assertThat(rig.task(task.id()).status()).isEqualTo(TaskStatus.TIMED_OUT);
  }

  @Test
  void aLongSleepIsCaughtUpInOrderAndOnlyOnce() {
    rig.define("'retryCount':1,'retryDelaySeconds':5,'responseTimeoutSeconds':60");
    String flow = rig.begin();
    rig.lease();
    rig.pass(Duration.ofDays(2));
    assertThat(rig.workflow(flow).tasks())
        .extracting(LocalTask::status)
        .containsExactly(TaskStatus.TIMED_OUT, TaskStatus.SCHEDULED);
    assertThat(rig.lease().scheduled().retryCount()).isEqualTo(1);
  }

  @Test
  void onlyTheLatestLinesOfATaskAreKept() {
    rig.begin();
    LocalTask task = rig.lease();
    for (int i = 0; i < Slot.MAX_LINES + 5; i++) {
      String line = "line " + i;
      rig.call(
          rules -> {
            rules.log(task.id(), line);
            return true;
          });
    }
    List<LogLine> lines = rig.call(rules -> rules.logs(task.id()));
    assertThat(lines).hasSize(Slot.MAX_LINES);
    assertThat(lines.get(0).log()).isEqualTo("line 5");
  }

  @Test
  void aWorkflowThatMayTakeForEverDoesNotTimeOut() {
    WorkflowDefinition flow =
        WorkflowDefinition.parse(
            "{\"name\":\"flow\",\"timeoutSeconds\":9999999999,\"timeoutPolicy\":\"TIME_OUT_WF\","
                + "\"tasks\":[{\"name\":\"greet\",\"taskReferenceName\":\"ref\"}]}");
    String id = rig.begin(flow, "{}");
    rig.pass(Duration.ofDays(1));
    assertThat(rig.workflow(id).workflow().status()).isEqualTo(WorkflowStatus.RUNNING);
  }

  @Test
  void aLongHistoryTakesNoMoreRoomThanItsLatestState() {
    rig.define("'retryCount':0,'responseTimeoutSeconds':60");
    rig.begin();
    LocalTask task = rig.lease();
    for (int i = 0; i < 5_000; i++) {
      rig.pass(SECOND);
      rig.update(task, Status.IN_PROGRESS, 0, true);
    }
    assertThat(rig.journal.replay(task.id(), 0).count().block()).isLessThan(1_100);
    LocalTask before = rig.task(task.id());
    rig.restart();
    assertThat(rig.task(task.id())).isEqualTo(before);
    rig.pass(Duration.ofSeconds(60));
    assertThat(rig.task(task.id()).status()).isEqualTo(TaskStatus.TIMED_OUT);
  }

  @Test
  void longLinesTakeNoMoreRoomInTheJournalThanOnTheBoard() {
    rig.begin();
    LocalTask task = rig.lease();
    String line = "x".repeat(Slot.MAX_LINE_CHARS / 2);
    for (int i = 0; i < 20; i++) {
      rig.call(
          rules -> {
            rules.log(task.id(), line);
            return true;
          });
    }
    List<JournalEntry> tape = rig.journal.replay(task.id(), 0).collectList().block();
    assertThat(tape.stream().mapToLong(entry -> entry.record().bytes().length).sum())
        .isLessThan(3L * Slot.MAX_LINE_CHARS);
  }

  @Test
  void whatIsNestedAsDeepAsARequestMayBeIsPassedOn() {
    String deep = "{\"a\":".repeat(498) + "1" + "}".repeat(498);
    WorkflowDefinition flow =
        WorkflowDefinition.parse(
            ("{'name':'flow','outputParameters':{'o':['${ref.input}']},'tasks':[{'name':'greet',"
                    + "'taskReferenceName':'ref','inputParameters':{'i':[['${workflow.input}']]}}]}")
                .replace('\'', '"'));
    String id = rig.begin(flow, deep);
    LocalTask task = rig.lease();
    assertThat(task.scheduled().input()).isEqualTo("{\"i\":[[" + deep + "]]}");
    rig.update(task, Status.COMPLETED);
    assertThat(rig.workflow(id).workflow().output())
        .isEqualTo("{\"o\":[" + task.scheduled().input() + "]}");
    rig.restart();
    assertThat(rig.task(task.id()).scheduled().input()).isEqualTo(task.scheduled().input());
  }
}
