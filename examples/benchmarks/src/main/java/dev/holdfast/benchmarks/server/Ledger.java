package dev.holdfast.benchmarks.server;

import java.util.BitSet;
import java.util.EnumMap;

/**
 * Which tasks were handed out and which came back, each to be completed once. Confined to one
 * thread. Numbers are never used twice, so what comes late from before a reset is known as such.
 */
final class Ledger {

  private static final class Tally {
    long value;
  }

  private final BitSet completed = new BitSet();
  private final EnumMap<Counter, Tally> counted = new EnumMap<>(Counter.class);
  private Supply supply = Supply.ENDLESS;
  private SlotMeter slots = new SlotMeter(0);
  private long begun;
  private long first;
  private long next;
  private long done;
  private long heldNanos;
  private long heldSince;
  private long waitedMax;

  /** Begins anew: what is still out will be unknown. */
  void reset(Supply work, long now) {
    supply = work;
    slots = new SlotMeter(work.slots());
    begun = now;
    first = next;
    completed.clear();
    counted.values().forEach(tally -> tally.value = 0);
    done = 0;
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
    return (int) Math.min(Integer.MAX_VALUE, supply.after(now - begun) - (next - first));
  }

  /** Hands out one task; there must be one. */
  long handOut(long now) {
    hold(now);
    long held = next - first - done;
    if (held < supply.slots()) {
      waitedMax = Math.max(waitedMax, now - begun - supply.whenThere(next - first));
    }
    slots.filled(now);
    return next++;
  }

  /** Takes the result of a task; right says whether it is the completed echo. */
  void complete(long number, boolean right, long now) {
    if (number < first || number >= next) {
      count(Counter.UNKNOWN, 1);
      return;
    }
    int index = (int) (number - first);
    if (completed.get(index)) {
      count(Counter.DOUBLED, 1);
      return;
    }
    hold(now);
    completed.set(index);
    done++;
    slots.freed(now);
    if (!right) {
      count(Counter.WRONG, 1);
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
    values.put(Counter.COMPLETED, done);
    values.put(Counter.HELD_NANOS, heldNanos);
    values.put(Counter.REFILLS, slots.refills());
    values.put(Counter.FREE_NANOS, slots.sum());
    values.put(Counter.FREE_NANOS_P99, slots.quantile(0.99));
    values.put(Counter.FREE_NANOS_MAX, slots.longest());
    values.put(Counter.WAITED_NANOS_MAX, waitedMax);
    return Counts.of(values);
  }

  private void hold(long now) {
    heldNanos += (now - heldSince) * (next - first - done);
    heldSince = now;
  }
}
