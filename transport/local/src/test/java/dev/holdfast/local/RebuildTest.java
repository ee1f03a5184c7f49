package dev.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.local.TaskResult.Status;
import dev.holdfast.store.InMemoryJournal;
import dev.holdfast.store.Journal;
import dev.holdfast.store.JournalEntry;
import dev.holdfast.store.JournalRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What is rebuilt from the journal is what was there, at every point. */
@Timeout(120)
class RebuildTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverHappenedTheJournalTellsItAll(long seed) {
    Random random = new Random(seed);
    Rig rig =
        new Rig(
            new InMemoryJournal(), LocalServerSpec.create().retention(5, Duration.ofMinutes(10)));
    rig.define(
        "'retryCount':2,'retryDelaySeconds':3,'timeoutSeconds':50,'responseTimeoutSeconds':9");
    List<String> flows = new ArrayList<>();
    List<LocalTask> tasks = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      act(rig, random, flows, tasks);
      if (random.nextInt(8) == 0) {
        Object before = Objects.requireNonNull(rig.answer(rig.engine.snapshot()));
        rig.restart();
        assertThat(rig.answer(rig.engine.snapshot())).as("step %d", i).isEqualTo(before);
      }
    }
    assertThat(tasks).as("something happened").hasSizeGreaterThan(20);
  }

  private static void act(Rig rig, Random random, List<String> flows, List<LocalTask> tasks) {
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> {
        String domain = random.nextBoolean() ? "blue" : "NO_DOMAIN";
        String key = random.nextInt(3) == 0 ? "key " + flows.size() : null;
        flows.add(rig.begin(Map.of("*", domain), random.nextInt(3), key));
      }
      case 3, 4 -> {
        QueueKey queue = new QueueKey(Rig.TYPE, random.nextBoolean() ? "blue" : null);
        List<TaskView> leased = rig.poll(queue, 1 + random.nextInt(3));
        if (random.nextInt(4) == 0) {
          rig.engine.giveBack(leased);
        }
        leased.forEach(view -> tasks.add(view.task()));
      }
      case 5, 6 -> {
        LocalTask task = one(tasks, random);
        if (task != null) {
          Status status = one(List.of(Status.values()), random);
          ignoringRefusals(
              () -> rig.update(task, status, random.nextInt(3) * 4, random.nextInt(3) == 0));
        }
      }
      case 7 -> {
        LocalTask task = one(tasks, random);
        if (task != null) {
          ignoringRefusals(
              () ->
                  rig.call(
                      rules -> {
                        rules.log(task.id(), "line " + random.nextInt());
                        return true;
                      }));
        }
      }
      case 8 -> {
        String flow = one(flows, random);
        if (flow != null && random.nextInt(3) == 0) {
          ignoringRefusals(
              () ->
                  rig.call(
                      rules -> {
                        rules.terminate(flow, null);
                        return true;
                      }));
        }
      }
      default -> rig.pass(Duration.ofMillis(random.nextInt(8_000)));
    }
  }

  private static <T> T one(List<T> all, Random random) {
    return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
  }

  private static void ignoringRefusals(Runnable step) {
    try {
      step.run();
    } catch (Refusal refused) {
      assertThat(refused.status()).as("forgotten meanwhile: %s", refused.text()).isEqualTo(404);
    }
  }

  @Test
  void aLeaseGoesOnOverARestartAndLapsesOnTime() {
    Rig rig = new Rig();
    rig.define("'retryCount':0,'responseTimeoutSeconds':60");
    rig.begin();
    LocalTask task = rig.lease();
    rig.pass(Duration.ofSeconds(20));
    rig.restart();
    rig.pass(Duration.ofMillis(39_999));
    assertThat(rig.task(task.id()).status()).isEqualTo(TaskStatus.IN_PROGRESS);
    rig.pass(Duration.ofMillis(1));
    assertThat(rig.task(task.id()).status()).isEqualTo(TaskStatus.TIMED_OUT);
  }

  @Test
  void theTapeOfATaskTellsItsStoryInOrder() {
    Rig rig = new Rig();
    rig.define("'retryCount':0");
    rig.begin();
    LocalTask task = rig.lease();
    rig.call(
        rules -> {
          rules.log(task.id(), "hello");
          return true;
        });
    rig.update(task, Status.IN_PROGRESS, 0, true);
    rig.update(task, Status.IN_PROGRESS);
    rig.lease();
    rig.update(task, Status.COMPLETED);
    assertThat(rig.journal.replay(task.id(), 0).collectList().block())
        .extracting(entry -> entry.record().kind())
        .containsExactly(
            "scheduled", "polled", "logged", "extended", "handed-back", "polled", "ended");
  }

  @Test
  void aLongHistoryThatIsWrittenAfterTheRetryOrTheEndIsReadAgain() {
    Rig rig = new Rig();
    rig.define("'retryCount':1,'retryDelaySeconds':0");
    rig.begin();
    LocalTask first = rig.lease();
    rig.update(first, Status.FAILED);
    LocalTask second = rig.lease();
    rig.pass(Duration.ofSeconds(1));
    logLong(rig, first);
    assertRebuilt(rig);
    rig.update(second, Status.FAILED);
    rig.pass(Duration.ofSeconds(1));
    logLong(rig, first);
    logLong(rig, second);
    assertRebuilt(rig);
  }

  private static void logLong(Rig rig, LocalTask task) {
    for (int i = 0; i < 1_100; i++) {
      rig.call(
          rules -> {
            rules.log(task.id(), "late");
            return true;
          });
    }
  }

  private static void assertRebuilt(Rig rig) {
    Object before = Objects.requireNonNull(rig.answer(rig.engine.snapshot()));
    rig.restart();
    assertThat(rig.answer(rig.engine.snapshot())).isEqualTo(before);
  }

  @Test
  void aJournalThatFailsIsA503AndLeavesNothingHalfDone() {
    Failing journal = new Failing();
    Rig rig = new Rig(journal, LocalServerSpec.create());
    rig.define("'retryCount':0");
    rig.begin();
    var waiting =
        rig.start(rig.engine.poll(new QueueKey("other", null), "w1", 1, Duration.ofSeconds(5)));
    Object before = Objects.requireNonNull(rig.answer(rig.engine.snapshot()));

    journal.fails.set(true);
    var poll = rig.start(rig.engine.poll(Rig.QUEUE, "w1", 1, Duration.ZERO));
    assertThat(poll.error())
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(503));
    assertThat(waiting.error()).isInstanceOf(Refusal.class);
    assertThatThrownBy(rig::begin)
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(503));
    rig.pass(Duration.ofSeconds(5));

    journal.fails.set(false);
    rig.pass(Duration.ofSeconds(30));
    assertThat(rig.answer(rig.engine.snapshot())).isEqualTo(before);
    assertThat(rig.lease().pollCount()).isEqualTo(1);
  }

  @Test
  void noAnswerGoesOutBeforeWhatItTellsIsKept() {
    Slow journal = new Slow();
    Rig rig = new Rig(journal, LocalServerSpec.create());
    var start = rig.start(rig.engine.call(rules -> define(rules, "t")));
    var read = rig.start(rig.engine.call(rules -> rules.type("t").name()));
    assertThat(start.isDone()).isFalse();
    assertThat(read.isDone()).as("it tells of what is not kept yet").isFalse();

    journal.keep();
    rig.pass(Duration.ZERO);

    assertThat(start.value()).isEqualTo("t");
    assertThat(read.value()).isEqualTo("t");
  }

  @Test
  void theStateIsNotRebuiltWhileTheJournalStillWrites() {
    Slow journal = new Slow();
    Rig rig = new Rig(journal, LocalServerSpec.create());
    var start = rig.start(rig.engine.call(rules -> define(rules, "t")));
    rig.start(
        rig.engine.call(
            rules -> {
              throw new IllegalStateException("a mistake");
            }));
    rig.pass(Duration.ofSeconds(30));
    assertThat(start.error()).isInstanceOf(Refusal.class);
    var early = rig.start(rig.engine.snapshot());
    assertThat(early.error()).as("what is kept is not known yet").isInstanceOf(Refusal.class);

    journal.keep();
    rig.pass(Duration.ofSeconds(30));

    assertThat(rig.<String>call(rules -> rules.type("t").name())).isEqualTo("t");
  }

  @Test
  void whoTakesTheJournalOverComesAfterWhatWasUnderWay() {
    Slow journal = new Slow();
    Rig rig = new Rig(journal, LocalServerSpec.create());
    rig.start(rig.engine.call(rules -> define(rules, "t")));
    var closed = rig.start(rig.engine.close());
    assertThat(closed.isDone()).isFalse();
    journal.keep();
    rig.pass(Duration.ZERO);
    assertThat(closed.isDone()).isTrue();
  }

  @Test
  void whileTheJournalDoesNotKeepUpNotEverybodyWaitsForIt() {
    Slow journal = new Slow();
    Rig rig = new Rig(journal, LocalServerSpec.create().maxConnections(1));
    for (int i = 0; i < 1_000; i++) {
      assertThat(rig.start(rig.engine.call(rules -> define(rules, "t"))).isDone()).isFalse();
    }
    assertThat(rig.start(rig.engine.call(Rules::types)).error())
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(503))
        .hasMessageContaining("1000 answers wait for the journal (a failing disk)");
    assertThat(rig.start(rig.engine.poll(Rig.QUEUE, "w", 1, Duration.ZERO)).error())
        .isInstanceOf(Refusal.class);

    journal.isHeld.set(false);
    journal.keep();
    rig.pass(Duration.ZERO);
    assertThat(rig.<String>call(rules -> rules.type("t").name())).isEqualTo("t");
  }

  @Test
  void aJournalThatThrowsIsOneThatFails() {
    Failing journal = new Failing();
    Rig rig = new Rig(journal, LocalServerSpec.create());
    journal.throwsAtOnce.set(true);
    var start = rig.start(rig.engine.call(rules -> define(rules, "t")));
    assertThat(start.error()).isInstanceOf(Refusal.class).hasMessageContaining("journal failed");
    journal.throwsAtOnce.set(false);
    rig.pass(Duration.ofSeconds(30));
    assertThat(rig.<String>call(rules -> define(rules, "t"))).isEqualTo("t");
  }

  private static String define(Rules rules, String type) {
    rules.define(List.of(TaskDefinition.parse("{\"name\":\"" + type + "\"}")));
    return type;
  }

  @Test
  void whatIsLeasedToAPollThatIsCancelledBeforeItIsKeptComesBack() {
    Slow journal = new Slow();
    journal.isHeld.set(false);
    Rig rig = new Rig(journal, LocalServerSpec.create());
    rig.define("'retryCount':0");
    rig.begin();
    journal.isHeld.set(true);
    var poll = rig.start(rig.engine.poll(Rig.QUEUE, "w1", 1, Duration.ZERO));
    poll.cancel();
    journal.isHeld.set(false);
    journal.keep();
    rig.pass(Duration.ZERO);
    assertThat(rig.lease().pollCount()).isEqualTo(1);
  }

  @Test
  void aJournalOfSomebodyElseIsRefusedWithItsEntry() {
    InMemoryJournal journal = new InMemoryJournal();
    journal.append(List.of(JournalRecord.of("k", "what", new byte[0]))).block();
    assertThatThrownBy(
            () ->
                LocalTaskServer.start(LocalServerSpec.create().port(0).journal(journal))
                    .block(Duration.ofSeconds(20)))
        .isInstanceOf(LocalServerException.class)
        .hasMessageContaining("The journal (memory) can't be read")
        .hasMessageContaining("entry 1 is of the unknown kind what");
  }

  /** A journal that can be made to refuse, reading too. */
  private static class Failing implements Journal {
    final AtomicBoolean fails = new AtomicBoolean();
    final AtomicBoolean throwsAtOnce = new AtomicBoolean();
    final InMemoryJournal kept = new InMemoryJournal();

    @Override
    public Mono<Long> append(List<JournalRecord> batch) {
      if (throwsAtOnce.get()) {
        throw new DiskFull();
      }
      return Mono.defer(() -> fails.get() ? Mono.error(new DiskFull()) : kept.append(batch));
    }

    @Override
    public Flux<JournalEntry> replay() {
      return Flux.defer(() -> fails.get() ? Flux.error(new DiskFull()) : kept.replay());
    }

    @Override
    public Flux<JournalEntry> replay(String key, long from) {
      return kept.replay(key, from);
    }

    @Override
    public Mono<Void> forget(Collection<String> keys) {
      return kept.forget(keys);
    }

    @Override
    public String where() {
      return "a failing disk";
    }
  }

  /** A journal that keeps when it is told to. */
  private static final class Slow extends Failing {
    final AtomicBoolean isHeld = new AtomicBoolean(true);
    private final List<Runnable> held = new ArrayList<>();

    @Override
    public Mono<Long> append(List<JournalRecord> batch) {
      return Mono.create(
          sink -> {
            Runnable keep = () -> super.append(batch).subscribe(sink::success, sink::error);
            if (isHeld.get()) {
              held.add(keep);
            } else {
              keep.run();
            }
          });
    }

    void keep() {
      Stream.of(held.toArray(Runnable[]::new)).forEach(Runnable::run);
      held.clear();
    }
  }

  private static final class DiskFull extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DiskFull() {
      super("disk full", null, false, false);
    }
  }
}
