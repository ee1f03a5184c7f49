package dev.holdfast.task;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The input or output of a task: immutable, and the bytes that came until somebody asks for more. A
 * payload that is passed through untouched is never parsed.
 *
 * <p>Each call of {@link #as} or {@link #asMap} decodes anew; keep the result if it is needed
 * twice. Thread-safe.
 */
public final class Payload {

  private static final Payload EMPTY = new Payload(Map.of(), null, new byte[0], 0, 0);

  private final @Nullable Object value;
  private final @Nullable PayloadCodec codec;
  private final byte[] bytes;
  private final int offset;
  private final int length;

  private Payload(
      @Nullable Object value, @Nullable PayloadCodec codec, byte[] bytes, int offset, int length) {
    this.value = value;
    this.codec = codec;
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
  }

  /** {@return the payload without any content} */
  public static Payload empty() {
    return EMPTY;
  }

  /**
   * A payload of a value that is yet to be encoded. The value must not be changed afterwards.
   *
   * @param value a map, a bean, a record; a payload is returned as it is
   * @return the payload
   */
  public static Payload of(Object value) {
    Objects.requireNonNull(value, "value");
    return value instanceof Payload payload ? payload : new Payload(value, null, EMPTY.bytes, 0, 0);
  }

  /**
   * A payload of bytes that a codec wrote or can read.
   *
   * @param codec reads the bytes when somebody asks
   * @param bytes the array, which must not be changed afterwards
   * @param offset the index of the first byte
   * @param length how many bytes
   * @return the payload
   */
  public static Payload encoded(PayloadCodec codec, byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    return new Payload(null, Objects.requireNonNull(codec, "codec"), bytes, offset, length);
  }

  /**
   * Encodes this payload: the bytes that came, if they came in the codec's format, else its value
   * as the codec writes it. The result holds bytes only, so it can be kept and sent repeatedly.
   *
   * @param target the codec of the transport that will carry it
   * @return a payload whose {@link #bytes()} are ready
   * @throws PayloadException if the value can't be encoded
   */
  public Payload encode(PayloadCodec target) {
    if (codec != null && codec.mediaType().equals(target.mediaType())) {
      return this;
    }
    byte[] encoded = target.encode(value != null ? value : asMap());
    return encoded(target, encoded, 0, encoded.length);
  }

  /**
   * The encoded bytes.
   *
   * @return a read-only view
   * @throws IllegalStateException if this payload is a value that has not been {@linkplain #encode
   *     encoded}
   */
  public ByteBuffer bytes() {
    if (codec == null && this != EMPTY) {
      throw new IllegalStateException("this payload is a value that has not been encoded yet");
    }
    return ByteBuffer.wrap(bytes, offset, length).asReadOnlyBuffer();
  }

  /**
   * The number of encoded bytes.
   *
   * @return 0 for the empty payload
   * @throws IllegalStateException if this payload is a value that has not been {@linkplain #encode
   *     encoded}
   */
  public int size() {
    return bytes().remaining();
  }

  /**
   * Decodes this payload as a map.
   *
   * @return the members by name; empty for an empty payload
   * @throws PayloadException if it isn't an object
   */
  @SuppressWarnings("unchecked")
  public Map<String, Object> asMap() {
    return as(Map.class);
  }

  /**
   * Decodes this payload as a type.
   *
   * @param <T> the type
   * @param type the type; a value payload must already be of it
   * @return the value
   * @throws PayloadException if it can't be read as this type; the message says where
   */
  public <T> T as(Class<T> type) {
    if (codec != null) {
      return codec.decode(bytes, offset, length, type);
    }
    if (!type.isInstance(value)) {
      throw new PayloadException(
          "the payload is a "
              + (value == null ? "nothing" : value.getClass().getName())
              + " that has not been encoded: expected a "
              + type.getName(),
          null);
    }
    return type.cast(value);
  }

  /** Says what kind of payload it is and how large, never what is in it. */
  @Override
  public String toString() {
    return codec != null
        ? "Payload[" + length + " bytes of " + codec.mediaType() + "]"
        : "Payload[a " + (value == null ? "nothing" : value.getClass().getSimpleName()) + "]";
  }
}
