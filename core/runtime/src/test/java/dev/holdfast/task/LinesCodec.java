package dev.holdfast.task;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A codec of {@code name=value} lines, which counts what it is asked to do. */
public final class LinesCodec implements PayloadCodec {

  private final String mediaType;
  public final AtomicInteger encoded = new AtomicInteger();
  public final AtomicInteger decoded = new AtomicInteger();

  public LinesCodec(String mediaType) {
    this.mediaType = mediaType;
  }

  @Override
  public String mediaType() {
    return mediaType;
  }

  @Override
  public byte[] encode(Object value) {
    encoded.incrementAndGet();
    if (!(value instanceof Map<?, ?> map)) {
      throw new PayloadException("expected a map, found a " + value.getClass().getName(), null);
    }
    return new TreeMap<>(map)
        .entrySet().stream()
            .map(member -> member.getKey() + "=" + member.getValue())
            .collect(Collectors.joining("\n"))
            .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public <T> T decode(byte[] bytes, int offset, int length, Class<T> type) {
    decoded.incrementAndGet();
    String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
    if (type == String.class) {
      return type.cast(text);
    }
    if (type != Map.class) {
      throw new PayloadException("line 1: expected a " + type.getSimpleName(), null);
    }
    return type.cast(
        Arrays.stream(text.split("\n"))
            .map(line -> line.split("=", 2))
            .collect(Collectors.toMap(member -> member[0], member -> (Object) member[1])));
  }

  public Payload payload(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Payload.encoded(this, bytes, 0, bytes.length);
  }
}
