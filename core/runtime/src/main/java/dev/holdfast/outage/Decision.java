package dev.holdfast.outage;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one failure led to. All of it was decided in one step, and its line is in the log already.
 *
 * @param delay how long to wait before the next try; in an outage, until the next probe
 * @param warned whether this failure wrote a line to the log
 * @param gaveUp why there is no next try, or null
 */
public record Decision(Duration delay, boolean warned, @Nullable GaveUpException gaveUp) {

  /** Checks the parts. {@inheritDoc} */
  public Decision {
    Objects.requireNonNull(delay, "delay");
  }
}
