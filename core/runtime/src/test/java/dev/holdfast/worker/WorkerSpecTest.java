package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

@Timeout(30)
class WorkerSpecTest {

  private final TaskSpec greet = TaskSpec.of("greet", Lanes.NOTHING);
  private final WorkerSpec spec = WorkerSpec.of(greet);

  @Test
  void hasTheDefaultsThatItsJavadocNames() {
    assertThat(spec.tasks()).containsExactly(greet);
    assertThat(spec.slots()).isEqualTo(10);
    assertThat(spec.workerId()).matches("holdfast-[0-9a-f]{8}");
    assertThat(spec.drainTimeout()).hasSeconds(25);
    assertThat(spec.maxOutputBytes()).isEqualTo(10 * 1024 * 1024);
    assertThat(spec.scheduler()).isNull();
  }

  @Test
  void namesEachWorkerAnewButKeepsItsNameInCopies() {
    assertThat(WorkerSpec.of(greet).workerId()).isNotEqualTo(spec.workerId());
    assertThat(spec.slots(3).workerId()).isEqualTo(spec.workerId());
  }

  @Test
  void takesATypeAndItsHandlerAlone() {
    assertThat(WorkerSpec.of("sort", Lanes.NOTHING).tasks())
        .singleElement()
        .hasToString("sort")
        .extracting(TaskSpec::handler)
        .isSameAs(Lanes.NOTHING);
  }

  @Test
  void copiesWithEachWitherAndKeepsAllElse() {
    Supplier<Scheduler> scheduler = Schedulers::parallel;
    TaskSpec sort = TaskSpec.of("sort", Lanes.NOTHING);
    WorkerSpec full =
        spec.and(sort)
            .slots(3)
            .workerId("me")
            .drainTimeout(Duration.ofSeconds(7))
            .maxOutputBytes(9)
            .scheduler(scheduler);
    List<UnaryOperator<WorkerSpec>> same =
        List.of(
            known -> known.slots(3),
            known -> known.workerId("me"),
            known -> known.drainTimeout(Duration.ofSeconds(7)),
            known -> known.maxOutputBytes(9),
            known -> known.scheduler(scheduler));

    for (UnaryOperator<WorkerSpec> wither : same) {
      WorkerSpec copy = wither.apply(full);
      assertThat(copy).isNotSameAs(full);
      assertThat(copy.tasks()).containsExactly(greet, sort);
      assertThat(copy.slots()).isEqualTo(3);
      assertThat(copy.workerId()).isEqualTo("me");
      assertThat(copy.drainTimeout()).hasSeconds(7);
      assertThat(copy.maxOutputBytes()).isEqualTo(9);
      assertThat(copy.scheduler()).isSameAs(scheduler);
    }
    WorkerSpec more = full.and(TaskSpec.of("pack", Lanes.NOTHING));
    assertThat(more.tasks()).hasSize(3);
    assertThat(more.slots()).isEqualTo(3);
    assertThat(more.workerId()).isEqualTo("me");
    assertThat(more.drainTimeout()).hasSeconds(7);
    assertThat(more.maxOutputBytes()).isEqualTo(9);
    assertThat(more.scheduler()).isSameAs(scheduler);
  }

  @Test
  void isNotChangedByItsWithers() {
    String name = spec.workerId();
    assertThat(spec.and(TaskSpec.of("sort", Lanes.NOTHING)).tasks()).hasSize(2);
    assertThat(spec.slots(3).slots()).isEqualTo(3);
    assertThat(spec.workerId("me").workerId()).isEqualTo("me");
    assertThat(spec.drainTimeout(Duration.ofSeconds(7)).drainTimeout()).hasSeconds(7);
    assertThat(spec.maxOutputBytes(9).maxOutputBytes()).isEqualTo(9);
    assertThat(spec.scheduler(Schedulers::parallel).scheduler()).isNotNull();

    assertThat(spec.tasks()).containsExactly(greet);
    assertThat(spec.slots()).isEqualTo(10);
    assertThat(spec.workerId()).isEqualTo(name);
    assertThat(spec.drainTimeout()).hasSeconds(25);
    assertThat(spec.maxOutputBytes()).isEqualTo(10 << 20);
    assertThat(spec.scheduler()).isNull();
  }

  @Test
  void doesNotChangeWithTheArrayThatItWasMadeOf() {
    TaskSpec[] tasks = {greet};
    WorkerSpec made = WorkerSpec.of(tasks);

    tasks[0] = TaskSpec.of("sort", Lanes.NOTHING);

    assertThat(made.tasks()).containsExactly(greet);
  }

  @Test
  void refusesToHaveNothingToDo() {
    assertThatIllegalArgumentException()
        .isThrownBy(WorkerSpec::of)
        .withMessage("no task types: expected at least one");
  }

  @Test
  void refusesATypeTwiceInOneDomain() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.and(TaskSpec.of("greet", Lanes.NOTHING).slots(3)))
        .withMessage("task type greet is given twice: expected each type and domain once");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WorkerSpec.of(greet.domain("blue"), greet.domain("blue")))
        .withMessage("task type greet@blue is given twice: expected each type and domain once");
  }

  @Test
  void takesATypeOncePerDomain() {
    assertThat(spec.and(greet.domain("blue")).and(greet.domain("red")).tasks()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void refusesSlotsOrOutputBytesBelowOne(int bad) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.slots(bad))
        .withMessage("slots is " + bad + ": expected 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.maxOutputBytes(bad))
        .withMessage("maxOutputBytes is " + bad + ": expected 1 or more");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n"})
  void refusesABlankName(String blank) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.workerId(blank))
        .withMessage("workerId is blank: expected a name");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void refusesADrainThatHasNoTime(long millis) {
    Duration drain = Duration.ofMillis(millis);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.drainTimeout(drain))
        .withMessage("drainTimeout is " + drain + ": expected more than zero, and a day at most");
  }

  @Test
  @SuppressWarnings("NullAway")
  void refusesToMissAScheduler() {
    assertThatNullPointerException()
        .isThrownBy(() -> spec.scheduler(null))
        .withMessage("scheduler");
  }
}
