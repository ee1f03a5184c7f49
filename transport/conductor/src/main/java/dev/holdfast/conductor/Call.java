package dev.holdfast.conductor;

import io.netty.handler.codec.http.HttpMethod;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call, before it is made.
 *
 * @param uri path and query as they are sent
 * @param name the path as people know it: below the API's base and without the query
 * @param body makes what goes out with it, once for each subscription; null for nothing
 * @param silence how long the server may be silent
 * @param total how long it may take in all
 */
record Call(
    Lane lane,
    HttpMethod method,
    String uri,
    String name,
    @Nullable Supplier<RequestBody> body,
    Duration silence,
    Duration total) {

  /** Where a result goes. */
  static final String RESULT = "/tasks";

  /** Where a result goes that takes the next task along. */
  static final String RESULT_AND_POLL = "/tasks/update-v2";

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
