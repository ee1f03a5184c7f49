package dev.holdfast.launcher;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What the demo does, and how fast: the same in every run.
 *
 * @param first tasks that are submitted at the beginning
 * @param more tasks that are submitted once the server is back
 * @param slots of the worker
 * @param shortest how long a task takes at least
 * @param longest how long a task takes at most
 * @param away how long the server stays away
 * @param limit how long all of it may take
 */
record DemoPlan(
    int first,
    int more,
    int slots,
    Duration shortest,
    Duration longest,
    Duration away,
    Duration limit) {

  private static final long SEED = 2_718_281_828L;
  private static final int FAILS_EACH = 16;

  /** Some 20 seconds: long enough to watch, short enough to be watched to the end. */
  static DemoPlan standard() {
    return new DemoPlan(
        300,
        100,
        20,
        Duration.ofMillis(150),
        Duration.ofMillis(450),
        Duration.ofSeconds(5),
        Duration.ofSeconds(60));
  }

  int total() {
    return first + more;
  }

  /** How many tasks are done when the server goes away. */
  int third() {
    return total() / 3;
  }

  /** How long the task with this number takes. */
  Duration workOf(int number) {
    return Duration.ofMillis(
        new SplittableRandom(SEED + number).nextLong(shortest.toMillis(), longest.toMillis() + 1));
  }

  /** How many tasks fail at their first try. */
  int failures() {
    return (int) IntStream.range(0, total()).filter(DemoPlan::failsAtFirst).count();
  }

  /** Whether the first try of the task with this number fails, so that a retry is seen. */
  static boolean failsAtFirst(int number) {
    return number % FAILS_EACH == FAILS_EACH / 2;
  }
}
