package dev.holdfast.benchmarks.server;

import java.util.Arrays;

/**
 * How long slots stand free while there is work, as the server sees it: from the arrival of a
 * result to the handing out of the next task, the slot that is free the longest filled first. A
 * worker that holds more tasks than it has slots, results on their way included, has none that is
 * seen to be free. Confined to one thread.
 */
final class SlotMeter {

  private static final long BUCKET_NANOS = 10_000;
  private static final int BUCKETS = 100_000;

  private final long[] freeSince;
  private final int[] histogram = new int[BUCKETS];
  private int oldest;
  private int free;
  private int beyond;
  private long refills;
  private long sum;
  private long longest;

  /** All slots are free at first. */
  SlotMeter(int slots, long now) {
    freeSince = new long[slots];
    Arrays.fill(freeSince, now);
    free = slots;
  }

  /** A result came: its slot is free from now on. */
  void freed(long now) {
    if (beyond > 0) {
      beyond--;
    } else if (free < freeSince.length) {
      freeSince[(oldest + free) % freeSince.length] = now;
      free++;
    }
  }

  /** A task was handed out. */
  void filled(long now) {
    if (free == 0) {
      beyond++;
      return;
    }
    long stood = now - freeSince[oldest];
    oldest = (oldest + 1) % freeSince.length;
    free--;
    refills++;
    sum += stood;
    longest = Math.max(longest, stood);
    histogram[(int) Math.min(BUCKETS - 1, stood / BUCKET_NANOS)]++;
  }

  /** Forgets what was measured, but not which slots are free. */
  void mark() {
    refills = 0;
    sum = 0;
    longest = 0;
    Arrays.fill(histogram, 0);
  }

  long refills() {
    return refills;
  }

  long sum() {
    return sum;
  }

  long longest() {
    return longest;
  }

  /** The upper edge of the bucket below which this share of the refills is. */
  long quantile(double share) {
    long below = 0;
    for (int i = 0; i < BUCKETS; i++) {
      below += histogram[i];
      if (below >= share * refills) {
        return Math.min(longest, (i + 1) * BUCKET_NANOS);
      }
    }
    return longest;
  }
}
