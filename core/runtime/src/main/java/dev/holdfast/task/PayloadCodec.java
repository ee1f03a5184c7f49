package dev.holdfast.task;

/**
 * Turns values into the bytes that a transport carries, and back. A transport supplies one; core
 * itself reads no format. Implementations are thread-safe and never block.
 */
public interface PayloadCodec {

  /** {@return the format's media type, such as {@code application/json}} */
  String mediaType();

  /**
   * Encodes a value as an object of the format. A value that is not an object there (a string, a
   * number, a list) is wrapped as an object with the one member {@code result}.
   *
   * @param value a map, a bean, a record, or anything else that the format can hold
   * @return the bytes, owned by the caller
   * @throws PayloadException if the format can't hold the value; the message says why
   */
  byte[] encode(Object value);

  /**
   * Decodes part of an array.
   *
   * @param <T> the type that is asked for
   * @param bytes the array; it is only read
   * @param offset the index of the first byte
   * @param length how many bytes
   * @param type the type that is asked for
   * @return the value, never null
   * @throws PayloadException if the bytes are not such a value; the message says where
   */
  <T> T decode(byte[] bytes, int offset, int length, Class<T> type);
}
