package dev.holdfast.conductor;

import java.util.List;

/** Reads the body of one answer, chunk by chunk, on the connection's thread. */
interface Reply<T> {

  /** Takes the next bytes, which are not the reply's to keep; hands out what is complete. */
  List<T> read(byte[] chunk, int length);

  /** Whether it wants no more, so that the rest need not come. */
  boolean isSated();

  /**
   * Hands out the rest, when the body has ended.
   *
   * @throws dev.holdfast.client.ServerFailure if that was no answer
   */
  List<T> end();
}
