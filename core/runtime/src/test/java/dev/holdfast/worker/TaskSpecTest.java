package dev.holdfast.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class TaskSpecTest {

  private final TaskSpec spec = TaskSpec.of("greet", Lanes.NOTHING);

  @Test
  void hasTheDefaultsThatItsJavadocNames() {
    assertThat(spec.type()).isEqualTo("greet");
    assertThat(spec.handler()).isSameAs(Lanes.NOTHING);
    assertThat(spec.timeout()).hasHours(1);
    assertThat(spec.domain()).isNull();
    assertThat(spec.slotsWithin(10)).isEqualTo(10);
  }

  @Test
  void copiesWithEachWitherAndKeepsAllElse() {
    TaskSpec full = spec.slots(3).timeout(Duration.ofMinutes(5)).domain("blue");

    for (TaskSpec copy :
        new TaskSpec[] {full.slots(3), full.timeout(Duration.ofMinutes(5)), full.domain("blue")}) {
      assertThat(copy).isNotSameAs(full);
      assertThat(copy.type()).isEqualTo("greet");
      assertThat(copy.handler()).isSameAs(Lanes.NOTHING);
      assertThat(copy.slotsWithin(10)).isEqualTo(3);
      assertThat(copy.timeout()).hasMinutes(5);
      assertThat(copy.domain()).isEqualTo("blue");
    }
  }

  @Test
  void isNotChangedByItsWithers() {
    assertThat(spec.slots(3).slotsWithin(10)).isEqualTo(3);
    assertThat(spec.timeout(Duration.ofMinutes(5)).timeout()).hasMinutes(5);
    assertThat(spec.domain("blue").domain()).isEqualTo("blue");

    assertThat(spec.slotsWithin(10)).isEqualTo(10);
    assertThat(spec.timeout()).hasHours(1);
    assertThat(spec.domain()).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void refusesSlotsBelowOne(int slots) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.slots(slots))
        .withMessage("slots of greet is " + slots + ": expected 1 or more");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, -3_600_000})
  void refusesATimeoutThatIsNotPositive(long millis) {
    Duration timeout = Duration.ofMillis(millis);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.timeout(timeout))
        .withMessage("timeout of greet is " + timeout + ": expected more than zero");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t"})
  void refusesABlankTypeOrDomain(String blank) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TaskSpec.of(blank, Lanes.NOTHING))
        .withMessage("task type is blank: expected a name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.domain(blank))
        .withMessage("domain of greet is blank: expected a name");
  }

  @Test
  @SuppressWarnings("NullAway")
  void refusesToMissAHandlerOrADomain() {
    assertThatNullPointerException()
        .isThrownBy(() -> TaskSpec.of("greet", null))
        .withMessage("handler");
    assertThatNullPointerException().isThrownBy(() -> spec.domain(null)).withMessage("domain");
  }

  @Test
  void isNamedByItsTypeAndDomain() {
    assertThat(spec).hasToString("greet");
    assertThat(spec.domain("blue")).hasToString("greet@blue");
  }
}
