package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.task.Payload;
import dev.holdfast.task.PayloadException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FakeCodecTest {

  enum Size {
    SMALL,
    LARGE
  }

  record Item(String name, int count) {
    Item {
      if (count < 0) {
        throw new IllegalArgumentException("count is " + count);
      }
    }
  }

  record Order(
      long id,
      double price,
      Size size,
      List<Item> items,
      Map<String, Long> marks,
      @Nullable String note) {}

  private static Payload encoded(Object value) {
    return Payload.of(value).encode(FakeCodec.INSTANCE);
  }

  @Test
  void whatJsonHoldsComesBackAsItWas() {
    Map<String, Object> value = new HashMap<>();
    value.put("null", null);
    value.put("text", "ä\n𝄞");
    value.put("int", 7);
    value.put("long", 1L << 40);
    value.put("double", 1.5);
    value.put("big", new BigInteger("123456789012345678901234567890"));
    value.put("exact", new BigDecimal("0.10"));
    value.put("flags", List.of(true, false));
    value.put("nested", Map.of("list", Arrays.asList(1, null, Map.of())));

    assertThat(encoded(value).asMap()).isEqualTo(value);
  }

  @Test
  void aSmallNumberComesBackAsAnIntegerWhateverItWas() {
    assertThat(encoded(Map.of("n", 7L)).asMap()).isEqualTo(Map.of("n", 7));
  }

  @Test
  void aValueThatIsNoObjectIsWrapped() {
    assertThat(encoded("hello").asMap()).isEqualTo(Map.of("result", "hello"));
    assertThat(encoded(List.of(1)).asMap()).isEqualTo(Map.of("result", List.of(1)));
  }

  @Test
  void recordsComeAndGoByTheNamesOfTheirComponents() {
    Order order = new Order(1, 2, Size.LARGE, List.of(new Item("nut", 3)), Map.of("a", 5L), null);

    assertThat(encoded(order).as(Order.class)).isEqualTo(order);
    assertThat(encoded(order).asMap())
        .containsEntry("size", "LARGE")
        .containsEntry("items", List.of(Map.of("name", "nut", "count", 3)));
    assertThat(encoded(Map.of("name", "nut", "count", 3, "more", 1)).as(Item.class))
        .isEqualTo(new Item("nut", 3));
  }

  @Test
  void whatDoesNotFitSaysWhereAndWhy() {
    assertThatThrownBy(() -> encoded(Map.of("name", "nut")).as(Item.class))
        .isInstanceOf(PayloadException.class)
        .hasMessage("the payload.count is missing: expected a int");
    assertThatThrownBy(() -> encoded(Map.of("name", 1, "count", 1)).as(Item.class))
        .isInstanceOf(PayloadException.class)
        .hasMessage("the payload.name is a Integer: expected a java.lang.String");
    assertThatThrownBy(() -> encoded(Map.of("name", "a", "count", 1.5)).as(Item.class))
        .isInstanceOf(PayloadException.class)
        .hasMessageContaining("the payload.count is 1.5");
    assertThatThrownBy(() -> encoded(Map.of("name", "a", "count", -1)).as(Item.class))
        .isInstanceOf(PayloadException.class)
        .hasMessageContaining("count is -1");
    assertThatThrownBy(() -> encoded(Map.of("size", "HUGE")).as(Order.class))
        .isInstanceOf(PayloadException.class)
        .hasMessageContaining("the payload.id is missing");
  }

  @Test
  void whatCannotBeWrittenIsNamed() {
    assertThatThrownBy(() -> encoded(Map.of("thread", Thread.currentThread())))
        .isInstanceOf(PayloadException.class)
        .hasMessageContaining("java.lang.Thread");
    Map<String, Object> cyclic = new HashMap<>();
    cyclic.put("self", cyclic);
    assertThatThrownBy(() -> encoded(cyclic))
        .isInstanceOf(PayloadException.class)
        .hasMessageContaining("100 levels");
  }

  @Test
  void bytesOfAnotherFormatAreRefused() {
    byte[] json = "{\"a\":1}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    assertThatThrownBy(() -> FakeCodec.INSTANCE.decode(json, 0, json.length, Map.class))
        .isInstanceOf(PayloadException.class);
    byte[] good = FakeCodec.INSTANCE.encode(Map.of("a", "long enough"));
    for (int length = 0; length < good.length; length++) {
      int cut = length;
      assertThatThrownBy(() -> FakeCodec.INSTANCE.decode(good, 0, cut, Map.class))
          .isInstanceOf(PayloadException.class);
    }
  }
}
