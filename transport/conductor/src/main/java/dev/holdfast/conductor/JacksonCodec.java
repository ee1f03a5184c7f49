package dev.holdfast.conductor;

import dev.holdfast.task.PayloadCodec;
import dev.holdfast.task.PayloadException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;

/** Payloads as JSON. Its mapper is immutable and holds no state of a client, so one will do. */
final class JacksonCodec implements PayloadCodec {

  static final JacksonCodec INSTANCE = new JacksonCodec();

  private static final byte[] WRAP = "{\"result\":".getBytes(StandardCharsets.UTF_8);

  private final JsonMapper mapper = JsonMapper.builder().build();

  private JacksonCodec() {}

  @Override
  public String mediaType() {
    return "application/json";
  }

  @Override
  public byte[] encode(Object value) {
    byte[] json;
    try {
      json = mapper.writeValueAsBytes(value);
    } catch (JacksonException e) {
      throw failure(
          "a " + value.getClass().getName() + " can't be written as JSON" + at(e) + why(e), e);
    }
    if (json[0] == '{') {
      return json;
    }
    byte[] wrapped = new byte[WRAP.length + json.length + 1];
    System.arraycopy(WRAP, 0, wrapped, 0, WRAP.length);
    System.arraycopy(json, 0, wrapped, WRAP.length, json.length);
    wrapped[wrapped.length - 1] = '}';
    return wrapped;
  }

  @Override
  public <T> T decode(byte[] bytes, int offset, int length, Class<T> type) {
    @Nullable T value;
    try {
      value = mapper.readValue(bytes, offset, length, type);
    } catch (StreamReadException e) {
      throw failure("not valid JSON: expected " + name(type), e);
    } catch (MismatchedInputException e) {
      Class<?> target = e.getTargetType();
      throw failure("expected " + name(target == null ? type : target) + at(e), e);
    } catch (JacksonException e) {
      throw failure("can't be read as " + name(type) + at(e) + why(e), e);
    }
    if (value == null) {
      throw new PayloadException("the payload is null: expected " + name(type), null);
    }
    return value;
  }

  private static String name(Class<?> type) {
    return Map.class.isAssignableFrom(type) ? "an object" : type.getSimpleName();
  }

  /** Where it is, as in {@code at customer.orders[2].price}; empty for the payload itself. */
  private static String at(JacksonException e) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : e.getPath()) {
      if (step.getPropertyName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
      }
    }
    return path.isEmpty() ? "" : " at " + path;
  }

  /** What the value's own code said; the library's words could repeat a secret from the payload. */
  private static String why(JacksonException e) {
    Throwable cause = e.getCause();
    return cause == null || cause instanceof JacksonException ? "" : ": " + cause.getMessage();
  }

  private static PayloadException failure(String message, JacksonException e) {
    Throwable cause = e.getCause();
    return new PayloadException(message, cause instanceof JacksonException ? null : cause);
  }
}
