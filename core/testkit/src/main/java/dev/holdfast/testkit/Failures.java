package dev.holdfast.testkit;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;

/** The failures of the fake server's network, and its own plain ones. */
final class Failures {

  private Failures() {}

  static ServerFailure refused() {
    return ServerFailure.of(ServerFailure.Kind.UNREACHABLE, "Connection refused", null);
  }

  static ServerFailure reset() {
    return ServerFailure.of(ServerFailure.Kind.UNREACHABLE, "Connection reset by peer", null)
        .withMaybeApplied(true);
  }

  static ServerFailure closed() {
    return ServerFailure.of(ServerFailure.Kind.UNREACHABLE, "the client is closed", null)
        .withMaybeApplied(true);
  }

  static ServerFailure overdue(Duration limit) {
    return ServerFailure.of(
            ServerFailure.Kind.UNREACHABLE, "no answer within " + limit.toMillis() + " ms", null)
        .withMaybeApplied(true);
  }

  static ServerFailure cut() {
    return ServerFailure.of(ServerFailure.Kind.BROKEN, "the answer breaks off", null)
        .withStatus(200)
        .withMaybeApplied(true)
        .withReplyCut(true);
  }

  static ServerFailure unknownTask(String taskId) {
    return ServerFailure.of(ServerFailure.Kind.REJECTED, "404 no task " + taskId, null)
        .withStatus(404)
        .withRetryable(false);
  }
}
