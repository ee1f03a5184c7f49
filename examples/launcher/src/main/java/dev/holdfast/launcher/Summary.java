package dev.holdfast.launcher;

import dev.holdfast.worker.WorkerStats;

/** The one line that a worker leaves on stdout. Its keys and their order are an interface. */
final class Summary {

  private Summary() {}

  static String of(WorkerStats stats) {
    return ("{\"polled\":%d,\"started\":%d,\"completed\":%d,\"failed\":%d,\"released\":%d,"
            + "\"delivered\":%d,\"rejected\":%d,\"late\":%d,\"outbox\":%d}")
        .formatted(
            stats.polled(),
            stats.started(),
            stats.completed(),
            stats.failed(),
            stats.released(),
            stats.delivered(),
            stats.rejected(),
            stats.late(),
            stats.outbox());
  }
}
