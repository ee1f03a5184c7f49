package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PollRequestTest {

  private static PollRequest waiting(Duration longPoll) {
    return new PollRequest("greet", "me", null, 1, longPoll);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void refusesACountBelowOne(int count) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PollRequest("greet", "me", null, count, Duration.ZERO))
        .withMessage("count is " + count + ": expected 1 or more");
  }

  @Test
  void waitsFromNothingUpToTheLimitOfTheApi() {
    assertThat(waiting(Duration.ZERO).longPoll()).isZero();
    assertThat(waiting(PollRequest.MAX_WAIT).longPoll()).hasSeconds(5);
  }

  @Test
  void refusesAWaitThatIsNegativeOrLongerThanTheLimit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> waiting(Duration.ofMillis(-1)))
        .withMessage("longPoll is PT-0.001S: expected 0 to PT5S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> waiting(Duration.ofMillis(5001)))
        .withMessage("longPoll is PT5.001S: expected 0 to PT5S");
  }

  @Test
  @SuppressWarnings("NullAway")
  void refusesToMissATypeOrAWorker() {
    assertThatNullPointerException()
        .isThrownBy(() -> new PollRequest(null, "me", null, 1, Duration.ZERO))
        .withMessage("taskType");
    assertThatNullPointerException()
        .isThrownBy(() -> new PollRequest("greet", null, null, 1, Duration.ZERO))
        .withMessage("workerId");
  }
}
