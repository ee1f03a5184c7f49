package dev.holdfast.outage;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * How to bear outages of a server. Immutable and reusable as a template; each wither copies, and
 * bad values are refused at once.
 */
public final class OutageSpec {

  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration YEAR = Duration.ofDays(365);

  private final Options options;

  private OutageSpec(Options options) {
    this.options = options;
  }

  /**
   * The defaults: never gives up.
   *
   * @return the spec
   */
  public static OutageSpec create() {
    return new OutageSpec(
        new Options(
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            null,
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            Duration.ofSeconds(20),
            null,
            () -> false,
            () -> ThreadLocalRandom.current().nextDouble(),
            Schedulers::parallel));
  }

  /**
   * Sets the delays between tries: a random part, from half to all, of {@code base}, doubled with
   * each failure up to {@code cap}.
   *
   * @param base more than zero; default 2 s
   * @param cap not less than {@code base}, a day at most; default 10 s
   * @return a copy
   */
  public OutageSpec backoff(Duration base, Duration cap) {
    return with(
        draft -> {
          draft.base = base;
          draft.cap = cap;
        });
  }

  /**
   * Gives up when an outage, or the failing of every task type, has lasted strictly longer than
   * this. Judged when a call fails, so never without one.
   *
   * @param limit more than zero, a year at most
   * @return a copy
   */
  public OutageSpec giveUpAfter(Duration limit) {
    return with(draft -> draft.limit = Objects.requireNonNull(limit, "limit"));
  }

  /**
   * Never gives up, which is the default.
   *
   * @return a copy
   */
  public OutageSpec never() {
    return with(draft -> draft.limit = null);
  }

  /**
   * Sets for how long a server has to answer until its outage is over. Polls come back spread over
   * that time.
   *
   * @param ramp zero to a day; default 5 s
   * @return a copy
   */
  public OutageSpec ramp(Duration ramp) {
    return with(draft -> draft.ramp = ramp);
  }

  /**
   * Sets how often one outage writes to the log; after two minutes it does so every 60 s only.
   *
   * @param logInterval more than zero, a day at most; default 5 s
   * @return a copy
   */
  public OutageSpec logInterval(Duration logInterval) {
    return with(draft -> draft.logInterval = logInterval);
  }

  /**
   * Bounds how long a server can ask us to stay away.
   *
   * @param maxRetryAfter zero to a day; default 60 s
   * @return a copy
   */
  public OutageSpec maxRetryAfter(Duration maxRetryAfter) {
    return with(draft -> draft.maxRetryAfter = maxRetryAfter);
  }

  /**
   * Sets for how long one caller may be the only probe; to be longer than a call's own deadline.
   *
   * @param probeTimeout more than zero, a day at most; default 20 s
   * @return a copy
   */
  public OutageSpec probeTimeout(Duration probeTimeout) {
    return with(draft -> draft.probeTimeout = probeTimeout);
  }

  /**
   * Names the server in the log, as one of several.
   *
   * @param region not blank
   * @param anotherAnswers whether another region answers: then this one never gives up, and its
   *     clock starts when that ends. Asked on each failure, on any thread; must not block
   * @return a copy
   */
  public OutageSpec region(String region, BooleanSupplier anotherAnswers) {
    return with(
        draft -> {
          draft.region = Objects.requireNonNull(region, "region");
          draft.anotherAnswers = anotherAnswers;
        });
  }

  /**
   * Sets the source of randomness: for tests.
   *
   * @param random from 0 to 1
   * @return a copy
   */
  public OutageSpec random(DoubleSupplier random) {
    return with(draft -> draft.random = random);
  }

  /**
   * Sets the clock and the timer, which the signal does not dispose.
   *
   * @param scheduler asked once per signal; default {@link Schedulers#parallel()}
   * @return a copy
   */
  public OutageSpec scheduler(Supplier<? extends Scheduler> scheduler) {
    return with(draft -> draft.scheduler = scheduler);
  }

  Duration base() {
    return options.base;
  }

  Duration cap() {
    return options.cap;
  }

  @Nullable Duration limit() {
    return options.limit;
  }

  Duration ramp() {
    return options.ramp;
  }

  Duration logInterval() {
    return options.logInterval;
  }

  Duration maxRetryAfter() {
    return options.maxRetryAfter;
  }

  Duration probeTimeout() {
    return options.probeTimeout;
  }

  @Nullable String region() {
    return options.region;
  }

  BooleanSupplier anotherAnswers() {
    return options.anotherAnswers;
  }

  DoubleSupplier random() {
    return options.random;
  }

  Supplier<? extends Scheduler> scheduler() {
    return options.scheduler;
  }

  private OutageSpec with(Consumer<Draft> change) {
    Draft draft = new Draft(options);
    change.accept(draft);
    return new OutageSpec(draft.freeze());
  }

  /** A copy of the options in the making. */
  private static final class Draft {
    Duration base;
    Duration cap;
    @Nullable Duration limit;
    Duration ramp;
    Duration logInterval;
    Duration maxRetryAfter;
    Duration probeTimeout;
    @Nullable String region;
    BooleanSupplier anotherAnswers;
    DoubleSupplier random;
    Supplier<? extends Scheduler> scheduler;

    Draft(Options from) {
      base = from.base;
      cap = from.cap;
      limit = from.limit;
      ramp = from.ramp;
      logInterval = from.logInterval;
      maxRetryAfter = from.maxRetryAfter;
      probeTimeout = from.probeTimeout;
      region = from.region;
      anotherAnswers = from.anotherAnswers;
      random = from.random;
      scheduler = from.scheduler;
    }

    Options freeze() {
      return new Options(
          base,
          cap,
          limit,
          ramp,
          logInterval,
          maxRetryAfter,
          probeTimeout,
          region,
          anotherAnswers,
          random,
          scheduler);
    }
  }

  private record Options(
      Duration base,
      Duration cap,
      @Nullable Duration limit,
      Duration ramp,
      Duration logInterval,
      Duration maxRetryAfter,
      Duration probeTimeout,
      @Nullable String region,
      BooleanSupplier anotherAnswers,
      DoubleSupplier random,
      Supplier<? extends Scheduler> scheduler) {
    Options {
      positive("base", base, DAY);
      positive("cap", cap, DAY);
      if (cap.compareTo(base) < 0) {
        throw new IllegalArgumentException("cap is " + cap + ": expected at least base, " + base);
      }
      if (limit != null) {
        positive("giveUpAfter", limit, YEAR);
      }
      within("ramp", ramp, DAY);
      positive("logInterval", logInterval, DAY);
      within("maxRetryAfter", maxRetryAfter, DAY);
      positive("probeTimeout", probeTimeout, DAY);
      if (region != null && region.isBlank()) {
        throw new IllegalArgumentException("region is blank: expected a name");
      }
      Objects.requireNonNull(anotherAnswers, "anotherAnswers");
      Objects.requireNonNull(random, "random");
      Objects.requireNonNull(scheduler, "scheduler");
    }

    private static void positive(String name, Duration value, Duration most) {
      if (value.isZero()) {
        throw new IllegalArgumentException(name + " is zero: expected more");
      }
      within(name, value, most);
    }

    private static void within(String name, Duration value, Duration most) {
      if (value.isNegative() || value.compareTo(most) > 0) {
        throw new IllegalArgumentException(
            name + " is " + value + ": expected zero to " + most.toDays() + " days");
      }
    }
  }
}
