package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A failure says what it says on one line. */
@Timeout(60)
class OneLineTest {
  @ParameterizedTest
  @ValueSource(strings = {"a\u0085b", "a\u2028b", "a\u2029b", "a\u009bb", "\u0000a b", "a b\u0000"})
  void foldsWhateverBreaksALine(String text) {
    assertThat(ServerFailure.of(ServerFailure.Kind.BROKEN, text, null).text()).isEqualTo("a b");
  }

  @Test
  void cutsNoCharacterInHalf() {
    String cut =
        ServerFailure.of(ServerFailure.Kind.BROKEN, "x".repeat(298) + "😀😀😀", null).text();
    assertThat(cut.codePoints().filter(c -> c >= 0xD800 && c < 0xE000).count()).isZero();
  }
}
