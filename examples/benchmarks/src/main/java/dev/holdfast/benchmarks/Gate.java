package dev.holdfast.benchmarks;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One target and how it came out.
 *
 * @param what is to hold
 * @param value what was measured; null if one of its subjects was not
 * @param atLeast whether the bound is the least that is accepted, or else the most
 * @param bound the bound, itself accepted
 */
record Gate(String what, @Nullable Double value, boolean atLeast, double bound) {

  boolean isMissed() {
    return value != null && !(atLeast ? value >= bound : value <= bound);
  }

  String verdict() {
    return value == null ? "not measured" : isMissed() ? "MISSED" : "met";
  }

  String asked() {
    return (atLeast ? "≥ " : "≤ ") + number(bound);
  }

  String was() {
    return value == null ? "–" : number(value);
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.replaceFirst("\\.?0+$", "");
  }
}
