package dev.holdfast.benchmarks.server;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * The values of all counters at one moment, or between two. Immutable. As text: a line for each,
 * its name and its value.
 */
public final class Counts {

  private final Map<Counter, Long> values;

  private Counts(Map<Counter, Long> values) {
    this.values = values;
  }

  /** {@return a copy of the values, zero where there is none} */
  static Counts of(Map<Counter, Long> values) {
    EnumMap<Counter, Long> copy = new EnumMap<>(Counter.class);
    for (Counter counter : Counter.values()) {
      copy.put(counter, values.getOrDefault(counter, 0L));
    }
    return new Counts(copy);
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @param text the lines
   * @return the values
   * @throws IllegalArgumentException if a line is none of these
   */
  public static Counts parse(String text) {
    EnumMap<Counter, Long> values = new EnumMap<>(Counter.class);
    for (String line : text.lines().toList()) {
      int blank = line.indexOf(' ');
      try {
        Counter counter = Counter.valueOf(line.substring(0, blank).toUpperCase(Locale.ROOT));
        values.put(counter, Long.valueOf(line.substring(blank + 1)));
      } catch (RuntimeException e) {
        throw new IllegalArgumentException("'" + line + "' is no counter: expected NAME VALUE", e);
      }
    }
    return of(values);
  }

  /**
   * Reads one counter.
   *
   * @param counter which
   * @return its value
   */
  public long get(Counter counter) {
    return values.getOrDefault(counter, 0L);
  }

  /**
   * What was counted since an earlier moment. The figures since a mark are differences already and
   * stay as they are.
   *
   * @param earlier that moment
   * @return the difference
   */
  public Counts since(Counts earlier) {
    EnumMap<Counter, Long> difference = new EnumMap<>(values);
    for (Counter counter : Counter.values()) {
      if (counter.compareTo(Counter.REFILLS) < 0) {
        difference.put(counter, get(counter) - earlier.get(counter));
      }
    }
    return new Counts(difference);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    values.forEach(
        (counter, value) ->
            text.append(counter.name().toLowerCase(Locale.ROOT))
                .append(' ')
                .append(value)
                .append('\n'));
    return text.toString();
  }
}
