package dev.holdfast.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PayloadTest {

  private final LinesCodec lines = new LinesCodec("text/lines");

  @Test
  void isDecodedOnlyWhenSomebodyAsks() {
    Payload payload = lines.payload("order=7");

    assertThat(payload.size()).isEqualTo(7);
    assertThat(payload.bytes().remaining()).isEqualTo(7);
    assertThat(payload.toString()).isNotEmpty();
    assertThat(payload.encode(lines)).isSameAs(payload);
    assertThat(lines.decoded).hasValue(0);
    assertThat(lines.encoded).hasValue(0);

    assertThat(payload.asMap()).containsExactly(Map.entry("order", "7"));
    assertThat(lines.decoded).hasValue(1);
  }

  @Test
  void passesItsBytesThroughToAnotherCodecOfTheSameFormat() {
    Payload payload = lines.payload("order=7");
    LinesCodec other = new LinesCodec("text/lines");

    assertThat(payload.encode(other)).isSameAs(payload);
    assertThat(other.encoded).hasValue(0);
  }

  @Test
  void isWrittenAnewForACodecOfAnotherFormat() {
    LinesCodec other = new LinesCodec("text/other");

    Payload written = lines.payload("b=2\na=1").encode(other);

    assertThat(text(written)).isEqualTo("a=1\nb=2");
    assertThat(written.toString()).contains("text/other");
    assertThat(written.encode(other)).isSameAs(written);
    assertThat(other.encoded).hasValue(1);
  }

  @Test
  void readsOnlyItsPartOfAnArray() {
    byte[] array = "xxorder=7yy".getBytes(StandardCharsets.UTF_8);
    Payload payload = Payload.encoded(lines, array, 2, 7);

    assertThat(payload.size()).isEqualTo(7);
    assertThat(text(payload)).isEqualTo("order=7");
    assertThat(payload.as(String.class)).isEqualTo("order=7");
  }

  @Test
  void refusesAPartThatReachesBeyondItsArray() {
    assertThatThrownBy(() -> Payload.encoded(lines, new byte[3], 2, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Payload.encoded(lines, new byte[3], -1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void givesOutABufferThatCannotChangeIt() {
    Payload payload = lines.payload("order=7");

    ByteBuffer first = payload.bytes();
    first.get();

    assertThat(first.isReadOnly()).isTrue();
    assertThat(payload.bytes().remaining()).isEqualTo(7);
  }

  @Test
  void encodesAValue() {
    Payload value = Payload.of(Map.of("order", 7));

    Payload encoded = value.encode(lines);

    assertThat(text(encoded)).isEqualTo("order=7");
    assertThat(encoded.size()).isEqualTo(7);
    assertThatIllegalStateException().isThrownBy(value::size);
  }

  @Test
  void saysThatAValueHasNoBytesYet() {
    assertThatIllegalStateException()
        .isThrownBy(Payload.of(Map.of("order", 7))::bytes)
        .withMessage("this payload is a value that has not been encoded yet");
  }

  @Test
  void handsAValueOutAsItsOwnTypeOnly() {
    Payload value = Payload.of("seven");

    assertThat(value.as(String.class)).isEqualTo("seven");
    assertThat(value.as(CharSequence.class)).isEqualTo("seven");
    assertThatThrownBy(() -> value.as(Integer.class))
        .isInstanceOf(PayloadException.class)
        .hasMessage(
            "the payload is a java.lang.String that has not been encoded: expected a"
                + " java.lang.Integer");
    assertThatThrownBy(value::asMap).isInstanceOf(PayloadException.class);
  }

  @Test
  void leavesAPayloadThatIsGivenAsAValueAsItIs() {
    Payload payload = lines.payload("order=7");

    assertThat(Payload.of(payload)).isSameAs(payload);
  }

  @Test
  void isAnEmptyMapIfItIsEmpty() {
    assertThat(Payload.empty().asMap()).isEmpty();
    assertThat(Payload.empty().size()).isZero();
    assertThat(Payload.empty().encode(lines).size()).isZero();
  }

  @Test
  void showsNothingOfItsContent() {
    assertThat(lines.payload("password=hunter2").toString())
        .isEqualTo("Payload[16 bytes of text/lines]");
    assertThat(Payload.of(new Secret("hunter2")).toString()).isEqualTo("Payload[a Secret]");
  }

  private record Secret(String password) {}

  private static String text(Payload payload) {
    return StandardCharsets.UTF_8.decode(payload.bytes()).toString();
  }
}
