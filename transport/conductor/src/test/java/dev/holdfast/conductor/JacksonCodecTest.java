package dev.holdfast.conductor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.task.Payload;
import dev.holdfast.task.PayloadException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class JacksonCodecTest {

  private static final JacksonCodec CODEC = JacksonCodec.INSTANCE;

  record Item(String name, int count) {}

  record Order(String id, List<Item> items, Instant at, LocalDate day, Duration limit) {}

  record Unnamed(String name) {
    @Override
    public String name() {
      throw new IllegalStateException("no name yet");
    }
  }

  record Picky(String name) {
    Picky {
      if (name.isBlank()) {
        throw new IllegalArgumentException("name is blank");
      }
    }
  }

  @Test
  void recordsListsAndTimesSurviveTheRoundTrip() {
    Order order =
        new Order(
            "o-1",
            List.of(new Item("ü", 2)),
            Instant.parse("2026-01-02T03:04:05.006Z"),
            LocalDate.of(2026, 1, 2),
            Duration.ofSeconds(90));
    Payload payload = Payload.of(order).encode(CODEC);
    assertThat(payload.as(Order.class)).isEqualTo(order);
    assertThat(payload.asMap()).containsEntry("at", "2026-01-02T03:04:05.006Z");
  }

  @Test
  void onlyTheGivenPartOfTheArrayIsRead() {
    byte[] bytes = "xx{\"name\":\"a\",\"count\":1,\"unknown\":[1]}yy".getBytes(UTF_8);
    assertThat(CODEC.decode(bytes, 2, bytes.length - 4, Item.class)).isEqualTo(new Item("a", 1));
  }

  @Test
  void whatIsNoObjectIsWrappedAsTheResult() {
    assertThat(encoded(List.of(1, 2))).isEqualTo("{\"result\":[1,2]}");
    assertThat(encoded("text")).isEqualTo("{\"result\":\"text\"}");
    assertThat(encoded(7)).isEqualTo("{\"result\":7}");
    assertThat(encoded(Map.of("a", 1))).isEqualTo("{\"a\":1}");
  }

  @Test
  void aValueOfTheWrongTypeIsNamedByItsPathAndWithoutItsContent() {
    fails(
        "{\"id\":\"o\",\"items\":[{\"name\":\"a\",\"count\":1},{\"count\":\"hush\"}]}",
        Order.class,
        "expected int at items[1].count");
    fails("{\"name\":[\"hush\"]}", Item.class, "expected String at name");
    fails("[1]", Map.class, "expected an object");
    fails("\"hush\"", Item.class, "Item");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"name\":hush}", "{\"name\":\"hush", "{} hush", "", "{hush"})
  void whatIsNoJsonSaysSo(String json) {
    assertThatThrownBy(() -> decode(json, Item.class))
        .isInstanceOf(PayloadException.class)
        .hasMessageNotContaining("hush");
  }

  @Test
  void nullIsNoValue() {
    fails("null", Map.class, "the payload is null: expected an object");
  }

  @Test
  void whatTheTypesOwnCodeSaysIsKept() {
    assertThatThrownBy(() -> decode("{\"name\":\"\"}", Picky.class))
        .isInstanceOf(PayloadException.class)
        .hasMessageContaining("Picky")
        .hasMessageEndingWith(": name is blank");
  }

  @Test
  void aValueThatCantBeWrittenIsNamedByItsPath() {
    assertThatThrownBy(() -> CODEC.encode(Map.of("inner", new Unnamed("x"))))
        .isInstanceOf(PayloadException.class)
        .hasMessageContaining("can't be written as JSON at inner.name")
        .hasMessageEndingWith(": no name yet");
  }

  private static void fails(String json, Class<?> type, String message) {
    assertThatThrownBy(() -> decode(json, type))
        .isInstanceOf(PayloadException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("hush")
        .hasMessageNotContaining("jackson");
  }

  private static Object decode(String json, Class<?> type) {
    byte[] bytes = json.getBytes(UTF_8);
    return CODEC.decode(bytes, 0, bytes.length, type);
  }

  private static String encoded(Object value) {
    return new String(CODEC.encode(value), UTF_8);
  }
}
