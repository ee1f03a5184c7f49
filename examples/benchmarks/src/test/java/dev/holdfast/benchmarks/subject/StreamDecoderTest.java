package dev.holdfast.benchmarks.subject;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamDecoderTest {

  private static final String ANSWER =
      """
      [{"taskType":"x","inputData":{"a":{"taskId":"no"},"b":[1,"}]"]},"workflowInstanceId":"w-1",
        "taskId":"t-1","workflowTask":{"taskId":"no","inputData":{"no":1}}},
       {"taskId":"t-2","workflowInstanceId":"w-2","inputData":{}, "outputData":{"x":"y"}}]
      """;

  private final List<String> tasks = new ArrayList<>();
  private final StreamDecoder decoder =
      new StreamDecoder(
          (taskId, workflowId, input) ->
              tasks.add(
                  taskId + " " + workflowId + " " + new String(input, StandardCharsets.UTF_8)));

  private void feed(int size) {
    byte[] bytes = ANSWER.getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from < bytes.length; from += size) {
      decoder.feed(Unpooled.wrappedBuffer(bytes, from, Math.min(size, bytes.length - from)));
    }
    decoder.end();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64, 10_000})
  void theIdsAndTheInputAreFoundHoweverTheAnswerIsCut(int size) {
    feed(size);
    assertThat(tasks)
        .containsExactly("t-1 w-1 {\"a\":{\"taskId\":\"no\"},\"b\":[1,\"}]\"]}", "t-2 w-2 {}");
  }

  @Test
  void oneDecoderReadsOneAnswerAfterTheOther() {
    feed(50);
    feed(30);
    assertThat(tasks).hasSize(4);
    assertThat(tasks.subList(2, 4)).isEqualTo(tasks.subList(0, 2));
  }
}
