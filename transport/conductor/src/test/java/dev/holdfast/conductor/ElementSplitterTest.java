package dev.holdfast.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ElementSplitterTest {

  private static final String REPLY =
      " [ {\"a\":\"x\\\"]}\\\\\",\"b\":[1,{\"c\":{}}],\"ü\":\"é\"} ,\n{}\t, nope , \"s,]\\\"\","
          + "[[\"}\"]],-1.5e3,{\"big\":\"0123456789012345678901234567890123456789\",\"id\":7}] \n";

  private static final List<String> ELEMENTS =
      List.of(
          "{\"a\":\"x\\\"]}\\\\\",\"b\":[1,{\"c\":{}}],\"ü\":\"é\"}",
          "{}",
          "nope",
          "\"s,]\\\"\"",
          "[[\"}\"]]",
          "-1.5e3",
          "!57:{\"big\":\"0123456789012345678901234567890123456789\",\"id\":7}");

  @Test
  void aReplyCutAtAnyTwoBytesGivesTheSameElements() {
    byte[] bytes = utf8(REPLY);
    for (int first = 0; first <= bytes.length; first++) {
      for (int second = first; second <= bytes.length; second++) {
        Collected got = new Collected();
        ElementSplitter splitter = ElementSplitter.ofArray(50, got);
        splitter.feed(bytes, 0, first);
        splitter.feed(bytes, first, second);
        splitter.feed(bytes, second, bytes.length);
        assertThat(got.elements).as("cut at %d and %d", first, second).isEqualTo(ELEMENTS);
        assertThat(splitter.isComplete()).isTrue();
      }
    }
  }

  @Test
  void anythingShorterThanTheReplyIsIncompleteAndKeepsItsWholeElements() {
    byte[] bytes = utf8(REPLY.strip());
    int before = 0;
    for (int end = 0; end < bytes.length; end++) {
      Collected got = new Collected();
      ElementSplitter splitter = ElementSplitter.ofArray(50, got);
      splitter.feed(bytes, 0, end);
      assertThat(splitter.isComplete()).as("the first %d bytes", end).isFalse();
      assertThat(got.elements).isEqualTo(ELEMENTS.subList(0, got.elements.size()));
      assertThat(got.elements).hasSizeGreaterThanOrEqualTo(before);
      before = got.elements.size();
    }
    assertThat(before).isEqualTo(ELEMENTS.size());
  }

  @Test
  void randomRepliesInRandomChunksComeApartAsTheyWerePutTogether() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      List<String> elements = new ArrayList<>();
      int count = random.nextInt(12);
      int bad = random.nextInt(12);
      for (int i = 0; i < count; i++) {
        elements.add(i == bad ? "{\"broken\": nope, 'x}" : object(random, 0));
      }
      byte[] bytes = utf8("[" + String.join(random.nextBoolean() ? "," : " ,\n", elements) + "]");
      Collected got = new Collected();
      ElementSplitter splitter = ElementSplitter.ofArray(1 << 20, got);
      int at = 0;
      while (at < bytes.length) {
        int next = Math.min(bytes.length, at + 1 + random.nextInt(40));
        splitter.feed(bytes, at, next);
        at = next;
      }
      assertThat(got.elements).as("seed %d", seed).isEqualTo(elements);
      assertThat(splitter.isComplete()).as("seed %d", seed).isTrue();
    }
  }

  @Test
  void whatIsNoArraySaysHowItStarts() {
    ElementSplitter splitter = ElementSplitter.ofArray(50, new Collected());
    byte[] page = utf8("  <html><body>" + "x".repeat(200));
    splitter.feed(page, 0, page.length);
    assertThat(splitter.isBroken()).isTrue();
    assertThat(splitter.fault())
        .startsWith("it is not a JSON array but starts: <html><body>xxx")
        .hasSizeLessThan(130);
  }

  @Test
  void whatStandsBetweenElementsOrBehindTheArrayIsNamedWithItsPlace() {
    assertThat(fault("[{} {}]")).isEqualTo("unexpected '{' at byte 4");
    assertThat(fault("[{},,{}]")).isEqualTo("unexpected ',' at byte 4");
    assertThat(fault("[{},]")).isEqualTo("unexpected ']' at byte 4");
    assertThat(fault("[}")).isEqualTo("unexpected '}' at byte 1");
    assertThat(fault("[] x")).isEqualTo("unexpected 'x' at byte 3");
  }

  @Test
  void anElementOfExactlyTheLimitIsKept() {
    String atLimit = "{\"k\":\"" + "v".repeat(42) + "\"}";
    assertThat(utf8(atLimit)).hasSize(50);
    Collected got = new Collected();
    byte[] bytes = utf8("[" + atLimit + "," + atLimit.replace("\"}", "v\"}") + "]");
    ElementSplitter.ofArray(50, got).feed(bytes, 0, bytes.length);
    assertThat(got.elements).containsExactly(atLimit, "!51:{\"k\":\"" + "v".repeat(43) + "\"}");
  }

  @Test
  void oneElementMayStandAlone() {
    byte[] bytes = utf8(" {\"a\":[1]} ");
    for (int cut = 0; cut <= bytes.length; cut++) {
      Collected got = new Collected();
      ElementSplitter splitter = ElementSplitter.ofOne(50, got);
      splitter.feed(bytes, 0, cut);
      splitter.feed(bytes, cut, bytes.length);
      assertThat(got.elements).containsExactly("{\"a\":[1]}");
      assertThat(splitter.isComplete()).isTrue();
    }
  }

  private static String fault(String reply) {
    ElementSplitter splitter = ElementSplitter.ofArray(50, new Collected());
    byte[] bytes = utf8(reply);
    for (int i = 0; i < bytes.length; i++) {
      splitter.feed(bytes, i, i + 1);
    }
    assertThat(splitter.isComplete()).isFalse();
    return String.valueOf(splitter.fault());
  }

  private static String object(Random random, int depth) {
    StringBuilder json = new StringBuilder("{");
    int members = random.nextInt(4);
    for (int i = 0; i < members; i++) {
      json.append(i > 0 ? "," : "").append("\"k").append(i).append("\":");
      json.append(value(random, depth + 1));
    }
    return json.append('}').toString();
  }

  private static String value(Random random, int depth) {
    return switch (depth > 4 ? random.nextInt(3) : random.nextInt(5)) {
      case 0 -> "\"" + "\\\"[{,ü\\\\}]".repeat(random.nextInt(3)) + "\"";
      case 1 -> Integer.toString(random.nextInt());
      case 2 -> "null";
      case 3 -> "[" + value(random, depth + 1) + " , " + value(random, depth + 1) + "]";
      default -> object(random, depth);
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static final class Collected implements ElementSplitter.Sink {
    final List<String> elements = new ArrayList<>();

    @Override
    public void element(byte[] bytes, int from, int length) {
      elements.add(new String(bytes, from, length, StandardCharsets.UTF_8));
    }

    @Override
    public void oversized(JsonSkeleton skeleton, long size) {
      assertThat(skeleton.isComplete()).isTrue();
      String kept = new String(skeleton.bytes(), 0, skeleton.length(), StandardCharsets.UTF_8);
      elements.add("!" + size + ":" + kept);
    }
  }
}
