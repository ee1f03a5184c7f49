package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ServerFailureTest {

  private static ServerFailure saying(String message) {
    return ServerFailure.of(ServerFailure.Kind.BROKEN, message, null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\r\nb", "a \t\n\u0000 b", "  a\u001bb\n", "a\u007fb", "a\fb"})
  void foldsBreaksAndControlCharactersIntoOneLine(String message) {
    assertThat(saying(message).getMessage()).isEqualTo("a b");
  }

  @Test
  void keepsAMessageOfThreeHundredCharacters() {
    assertThat(saying("x".repeat(300)).text()).isEqualTo("x".repeat(300));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 10_000})
  void cutsALongerMessageAndShowsIt(int length) {
    assertThat(saying("x".repeat(length)).text()).isEqualTo("x".repeat(299) + "…");
  }

  @ParameterizedTest
  @EnumSource
  void wasNotCarriedOutAndMayBeRetriedUnlessSaid(ServerFailure.Kind kind) {
    ConnectException cause = new ConnectException("refused");
    ServerFailure failure = ServerFailure.of(kind, "Connection refused", cause);

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure).hasMessage("Connection refused").hasCause(cause);
    assertThat(failure.status()).isZero();
    assertThat(failure.maybeApplied()).isFalse();
    assertThat(failure.replyCut()).isFalse();
    assertThat(failure.retryable()).isTrue();
    assertThat(failure.retryAfter()).isNull();
  }

  @Test
  void hasNoStackTraceSinceItIsExpected() {
    assertThat(saying("x").getStackTrace()).isEmpty();
    assertThat(saying("x").withStatus(500).getStackTrace()).isEmpty();
  }

  @Test
  void keepsAllElseWithEachWither() {
    ServerFailure full =
        ServerFailure.of(ServerFailure.Kind.OVERLOADED, "slow down", new ConnectException("x"))
            .withStatus(429)
            .withMaybeApplied(true)
            .withReplyCut(true)
            .withRetryable(false)
            .withRetryAfter(Duration.ofSeconds(7));
    List<UnaryOperator<ServerFailure>> same =
        List.of(
            failure -> failure.withStatus(429),
            failure -> failure.withMaybeApplied(true),
            failure -> failure.withReplyCut(true),
            failure -> failure.withRetryable(false),
            failure -> failure.withRetryAfter(Duration.ofSeconds(7)));

    for (UnaryOperator<ServerFailure> wither : same) {
      ServerFailure copy = wither.apply(full);
      assertThat(copy).isNotSameAs(full).hasMessage("slow down").hasCause(full.getCause());
      assertThat(copy.kind()).isEqualTo(ServerFailure.Kind.OVERLOADED);
      assertThat(copy.status()).isEqualTo(429);
      assertThat(copy.maybeApplied()).isTrue();
      assertThat(copy.replyCut()).isTrue();
      assertThat(copy.retryable()).isFalse();
      assertThat(copy.retryAfter()).hasSeconds(7);
    }
  }

  @Test
  void isNotChangedByItsWithers() {
    ServerFailure failure = saying("x");
    assertThat(failure.withStatus(500).status()).isEqualTo(500);
    assertThat(failure.withMaybeApplied(true).maybeApplied()).isTrue();
    assertThat(failure.withReplyCut(true).replyCut()).isTrue();
    assertThat(failure.withRetryable(false).retryable()).isFalse();
    assertThat(failure.withRetryAfter(Duration.ofSeconds(1)).retryAfter()).hasSeconds(1);

    assertThat(failure.status()).isZero();
    assertThat(failure.maybeApplied()).isFalse();
    assertThat(failure.replyCut()).isFalse();
    assertThat(failure.retryable()).isTrue();
    assertThat(failure.retryAfter()).isNull();
  }
}
