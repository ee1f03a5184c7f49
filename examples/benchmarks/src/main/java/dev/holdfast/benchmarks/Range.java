package dev.holdfast.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/** The middle of some values and how far they lie apart. */
record Range(double median, double min, double max) {

  static Range of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no values: expected at least one");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Range(median, sorted[0], sorted[sorted.length - 1]);
  }

  /** Such as {@code 52.1 (50.3–53.0)}. */
  String text(int decimals) {
    String number = "%." + decimals + "f";
    return String.format(
        Locale.ROOT, number + " (" + number + "–" + number + ")", median, min, max);
  }
}
