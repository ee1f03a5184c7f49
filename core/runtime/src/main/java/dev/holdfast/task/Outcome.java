package dev.holdfast.task;

import java.time.Duration;
import java.util.Objects;

/**
 * How a handler's run ended. A handler may emit one itself; any other value that it emits becomes
 * the output of {@link Completed}, an error becomes {@link Failed}.
 */
public sealed interface Outcome {

  /** {@return the output to send with it, empty if there is none} */
  Payload output();

  /**
   * Done.
   *
   * @param output the task's output
   */
  record Completed(Payload output) implements Outcome {
    /** Checks the parts. {@inheritDoc} */
    public Completed {
      Objects.requireNonNull(output, "output");
    }
  }

  /**
   * Failed; the server may schedule a retry.
   *
   * @param reason one line for people; the server keeps its first 500 characters
   * @param output what there is to keep
   */
  record Failed(String reason, Payload output) implements Outcome {
    /** Checks the parts. {@inheritDoc} */
    public Failed {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(output, "output");
    }
  }

  /**
   * Failed, and a retry would fail as well: the server schedules none.
   *
   * @param reason one line for people; the server keeps its first 500 characters
   * @param output what there is to keep
   */
  record FailedForGood(String reason, Payload output) implements Outcome {
    /** Checks the parts. {@inheritDoc} */
    public FailedForGood {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(output, "output");
    }
  }

  /**
   * Not done yet: the server hands the same task out again later, as a new attempt.
   *
   * @param delay how long the server waits at least, rounded up to whole seconds; zero for at once
   * @param output kept on the task: the next attempt sees it as {@link Task#output()}
   */
  record RetryLater(Duration delay, Payload output) implements Outcome {
    /** Checks the parts. {@inheritDoc} */
    public RetryLater {
      Objects.requireNonNull(output, "output");
      if (delay.isNegative() || delay.toSeconds() >= Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "delay is " + delay + ": expected zero or more, and less than 68 years");
      }
    }
  }

  /** {@return the outcome of a task that is done and has no output} */
  static Outcome completed() {
    return new Completed(Payload.empty());
  }

  /**
   * The outcome of a task that is done.
   *
   * @param output a map, a bean, a record, or a payload
   * @return the outcome
   */
  static Outcome completed(Object output) {
    return new Completed(Payload.of(output));
  }

  /**
   * The outcome of a task that failed and may be tried again.
   *
   * @param reason one line for people
   * @return the outcome
   */
  static Outcome failed(String reason) {
    return new Failed(reason, Payload.empty());
  }

  /**
   * The outcome of a task that failed and must not be tried again.
   *
   * @param reason one line for people
   * @return the outcome
   */
  static Outcome failedForGood(String reason) {
    return new FailedForGood(reason, Payload.empty());
  }

  /**
   * The outcome of a task that is to be handed out again later.
   *
   * @param delay how long the server waits at least
   * @param output what the next attempt is to see: a map, a bean, a record, or a payload
   * @return the outcome
   */
  static Outcome retryLater(Duration delay, Object output) {
    return new RetryLater(delay, Payload.of(output));
  }
}
