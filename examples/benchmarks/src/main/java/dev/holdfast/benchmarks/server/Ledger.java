package dev.holdfast.benchmarks.server;

import java.util.BitSet;
import java.util.EnumMap;

/**
 * Which tasks were handed out and which came back, each to be completed once. Confined to one
 * thread. Numbers are never used twice, so what comes late from before a reset is known as such.
 */
final class Ledger {

  /** What a worker says of a task. */
  enum Result {
    ECHO,
    HANDED_BACK,
    WRONG
  }

  private static final class Tally {
    long value;
  }

  private final BitSet over = new BitSet();
  private final EnumMap<Counter, Tally> counted = new EnumMap<>(Counter.class);
  private Supply supply = Supply.ENDLESS;
  private SlotMeter slots = new SlotMeter(0, 0);
  private long begun;
  private long first;
  private long next;
  private long ended;
  private long echoed;
  private boolean dry;
  private long heldNanos;
  private long heldSince;
  private long waitedMax;

  /** Begins anew: what is still out will be unknown. */
  void reset(Supply work, long now) {
    supply = work;
    slots = new SlotMeter(work.slots(), now);
    begun = now;
    first = next;
    over.clear();
    counted.values().forEach(tally -> tally.value = 0);
    ended = 0;
    echoed = 0;
    dry = false;
    heldNanos = 0;
    heldSince = now;
    waitedMax = 0;
  }

  /** Begins a new window for the figures of slots. */
  void mark() {
    slots.mark();
    waitedMax = 0;
  }

  /** How many tasks there are to be had. */
  int available(long now) {
    if (dry) {
      return 0;
    }
    return (int) Math.min(Integer.MAX_VALUE, supply.after(now - begun) - (next - first));
  }

  /** Hands out one task; there must be one. */
  long handOut(long now) {
    hold(now);
    long held = next - first - ended;
    if (held < supply.slots()) {
      waitedMax = Math.max(waitedMax, now - begun - supply.whenThere(next - first));
    }
    slots.filled(now);
    return next++;
  }

  /** There is no more work than has been handed out. */
  void dryUp() {
    dry = true;
  }

  /** Takes what a worker says of a task. */
  void take(long number, Result result, long now) {
    if (number < first || number >= next) {
      count(Counter.UNKNOWN, 1);
      return;
    }
    int index = (int) (number - first);
    if (over.get(index)) {
      count(Counter.DOUBLED, 1);
      return;
    }
    hold(now);
    over.set(index);
    ended++;
    slots.freed(now);
    switch (result) {
      case ECHO -> echoed++;
      case HANDED_BACK -> count(Counter.HANDED_BACK, 1);
      case WRONG -> count(Counter.WRONG, 1);
    }
  }

  void count(Counter counter, long more) {
    counted.computeIfAbsent(counter, absent -> new Tally()).value += more;
  }

  Counts counts(long now) {
    hold(now);
    EnumMap<Counter, Long> values = new EnumMap<>(Counter.class);
    counted.forEach((counter, tally) -> values.put(counter, tally.value));
    values.put(Counter.NANOS, now);
    values.put(Counter.HANDED_OUT, next - first);
    values.put(Counter.COMPLETED, echoed);
    values.put(Counter.HELD_NANOS, heldNanos);
    values.put(Counter.REFILLS, slots.refills());
    values.put(Counter.FREE_NANOS, slots.sum());
    values.put(Counter.FREE_NANOS_P99, slots.quantile(0.99));
    values.put(Counter.FREE_NANOS_MAX, slots.longest());
    values.put(Counter.WAITED_NANOS_MAX, waitedMax);
    return Counts.of(values);
  }

  private void hold(long now) {
    heldNanos += (now - heldSince) * (next - first - ended);
    heldSince = now;
  }
}
