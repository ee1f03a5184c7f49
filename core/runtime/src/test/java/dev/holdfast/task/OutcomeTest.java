package dev.holdfast.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OutcomeTest {

  @Test
  void hasAnEmptyOutputUnlessOneIsGiven() {
    assertThat(Outcome.completed()).isEqualTo(new Outcome.Completed(Payload.empty()));
    assertThat(Outcome.failed("no stock"))
        .isEqualTo(new Outcome.Failed("no stock", Payload.empty()));
    assertThat(Outcome.failedForGood("no such item"))
        .isEqualTo(new Outcome.FailedForGood("no such item", Payload.empty()));
  }

  @Test
  void takesAPayloadAsItsOutputUnchanged() {
    Payload payload = new LinesCodec("text/lines").payload("order=7");

    assertThat(Outcome.completed(payload).output()).isSameAs(payload);
    assertThat(Outcome.retryLater(Duration.ZERO, payload).output()).isSameAs(payload);
  }

  @Test
  void makesAPayloadOfAnyOtherOutput() {
    Map<String, Object> output = Map.of("order", 7);

    assertThat(Outcome.completed(output).output().asMap()).isEqualTo(output);
    assertThat(Outcome.retryLater(Duration.ofSeconds(3), output).output().asMap())
        .isEqualTo(output);
  }

  @Test
  void refusesADelayThatIsNegativeOrTooLong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Outcome.retryLater(Duration.ofMillis(-1), Map.of()))
        .withMessage("delay is PT-0.001S: expected zero or more, and less than 68 years");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Outcome.retryLater(Duration.ofSeconds(Integer.MAX_VALUE), Map.of()))
        .withMessageContaining("PT596523H14M7S");
  }

  @Test
  void takesEachDelayThatAServerCanKeep() {
    Duration longest = Duration.ofSeconds(Integer.MAX_VALUE - 1);

    assertThat(new Outcome.RetryLater(Duration.ZERO, Payload.empty()).delay()).isZero();
    assertThat(new Outcome.RetryLater(longest, Payload.empty()).delay()).isEqualTo(longest);
  }

  @Test
  @SuppressWarnings("NullAway")
  void refusesToMissAPart() {
    assertThatNullPointerException()
        .isThrownBy(() -> new Outcome.Completed(null))
        .withMessage("output");
    assertThatNullPointerException()
        .isThrownBy(() -> new Outcome.Failed(null, Payload.empty()))
        .withMessage("reason");
    assertThatNullPointerException()
        .isThrownBy(() -> new Outcome.Failed("x", null))
        .withMessage("output");
    assertThatNullPointerException()
        .isThrownBy(() -> new Outcome.FailedForGood(null, Payload.empty()))
        .withMessage("reason");
    assertThatNullPointerException()
        .isThrownBy(() -> new Outcome.FailedForGood("x", null))
        .withMessage("output");
    assertThatNullPointerException()
        .isThrownBy(() -> new Outcome.RetryLater(Duration.ZERO, null))
        .withMessage("output");
  }

  @Test
  void showsNothingOfItsOutput() {
    assertThat(Outcome.completed(Map.of("password", "hunter2")).toString())
        .doesNotContain("hunter2")
        .doesNotContain("password");
  }
}
