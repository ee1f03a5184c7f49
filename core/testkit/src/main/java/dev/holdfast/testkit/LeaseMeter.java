package dev.holdfast.testkit;

import java.util.HashMap;
import java.util.Map;

/** How many leases there are, and were at most, by type and in all. Guarded by the board. */
final class LeaseMeter {

  private final Map<String, Integer> now = new HashMap<>();
  private final Map<String, Integer> most = new HashMap<>();
  private int total;
  private int mostTotal;

  void up(String type) {
    int count = now.merge(type, 1, Integer::sum);
    most.merge(type, count, Math::max);
    mostTotal = Math.max(mostTotal, ++total);
  }

  void down(String type) {
    now.merge(type, -1, Integer::sum);
    total--;
  }

  int total() {
    return total;
  }

  int most() {
    return mostTotal;
  }

  int most(String type) {
    return most.getOrDefault(type, 0);
  }
}
