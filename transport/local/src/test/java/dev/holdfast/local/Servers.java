package dev.holdfast.local;

import java.time.Duration;
import java.util.Objects;

/** Servers for tests, on ports that are free. */
final class Servers {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Servers() {}

  static LocalTaskServer start() {
    return start(LocalServerSpec.create());
  }

  static LocalTaskServer start(LocalServerSpec spec) {
    return startAt(0, spec);
  }

  static LocalTaskServer startAt(int port, LocalServerSpec spec) {
    return Objects.requireNonNull(LocalTaskServer.start(spec.port(port)).block(LIMIT));
  }

  static void stop(LocalTaskServer server) {
    server.stop().block(LIMIT);
  }
}
