package dev.holdfast.conductor;

import io.netty.handler.codec.http.HttpMethod;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One call, before it is made.
 *
 * @param uri path and query as they are sent
 * @param name the path as people know it: below the API's base and without the query
 * @param silence how long the server may be silent
 * @param total how long it may take in all
 */
record Call(
    Lane lane,
    HttpMethod method,
    String uri,
    String name,
    @Nullable RequestBody body,
    Duration silence,
    Duration total) {

  /** Whose connections it uses. */
  enum Lane {
    POLLS,
    UPDATES,
    LEASES
  }

  /** For messages. */
  @Override
  public String toString() {
    return method + " " + name;
  }
}
