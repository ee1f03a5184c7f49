package dev.holdfast.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What the kernel counts: of one process, and of the whole machine. */
final class ProcessFigures {

  private static final double TICKS_PER_SECOND = 100;

  private ProcessFigures() {}

  /** User and system time of all its threads, to 10 ms. */
  static double cpuSeconds(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() * 1e-9;
  }

  static long rssKiB(long pid) {
    return status(pid, "VmRSS:");
  }

  static long threads(long pid) {
    return status(pid, "Threads:");
  }

  /** What all cores did except idle and waiting, in seconds. */
  static double machineSeconds() {
    String[] fields = lines(Path.of("/proc/stat")).get(0).trim().split("\\s+", -1);
    double ticks = 0;
    // user nice system idle iowait irq softirq steal; a guest's time is in user's already
    for (int i = 1; i < fields.length && i <= 8; i++) {
      if (i != 4 && i != 5) {
        ticks += Double.parseDouble(fields[i]);
      }
    }
    return ticks / TICKS_PER_SECOND;
  }

  private static long status(long pid, String name) {
    for (String line : lines(Path.of("/proc", Long.toString(pid), "status"))) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.replaceAll("\\D+", ""));
      }
    }
    throw new IllegalStateException("process " + pid + " has no " + name);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
