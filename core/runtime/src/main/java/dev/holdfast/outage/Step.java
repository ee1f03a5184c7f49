package dev.holdfast.outage;

import java.util.List;

/** What a decision leads to: the next situation, an answer for the caller, and what to say. */
record Step<R>(Situation next, R result, List<Notice> notices) {

  static <R> Step<R> of(Situation next, R result) {
    return new Step<>(next, result, List.of());
  }
}
