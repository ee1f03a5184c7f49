package dev.holdfast.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AttemptTest {

  @Test
  void isTheSameOnlyIfRegionTaskAndPollCountAre() {
    Attempt attempt = new Attempt("west", "t1", 2);

    assertThat(attempt).isEqualTo(new Attempt("west", "t1", 2));
    assertThat(attempt).isNotEqualTo(new Attempt("east", "t1", 2));
    assertThat(attempt).isNotEqualTo(new Attempt("west", "t2", 2));
    assertThat(attempt).isNotEqualTo(new Attempt("west", "t1", 3));
  }

  @Test
  void namesItsThreePartsInOneWord() {
    assertThat(new Attempt("west", "t1", 2)).hasToString("t1#2@west");
  }

  @Test
  void maySayNothingOfItsPollCount() {
    assertThat(new Attempt("west", "t1", 0).pollCount()).isZero();
  }

  @Test
  @SuppressWarnings("NullAway")
  void refusesWhatNamesNoAttempt() {
    assertThatNullPointerException()
        .isThrownBy(() -> new Attempt(null, "t1", 1))
        .withMessage("region");
    assertThatNullPointerException().isThrownBy(() -> new Attempt("west", null, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Attempt("west", " ", 1))
        .withMessage("taskId is blank: expected the server's id of a task");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Attempt("west", "t1", -1))
        .withMessage("pollCount is -1: expected 0 or more");
  }
}
