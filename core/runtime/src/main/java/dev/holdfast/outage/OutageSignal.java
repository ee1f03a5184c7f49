package dev.holdfast.outage;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.outage.Server.Closed;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * What all callers of one server know of its outage. The first failure parks them; one probe at a
 * time asks whether the server is back; its answer releases them, polls along a ramp. One countdown
 * goes to the log.
 *
 * <table>
 *   <caption>Legal moves of the server</caption>
 *   <tr><th>from</th><th>unreachable, overloaded</th><th>any answer</th><th>the ramp ends</th>
 *       <th>strictly past the limit</th><th>close</th></tr>
 *   <tr><td>healthy</td><td>outage: its clock starts</td><td>-</td><td>-</td><td>gave up (1)</td>
 *       <td>closed</td></tr>
 *   <tr><td>outage</td><td>outage: one more attempt</td><td>ramping: its clock stops</td><td>-</td>
 *       <td>gave up</td><td>closed</td></tr>
 *   <tr><td>ramping</td><td>the same outage: backoff and throttle kept, its clock anew</td>
 *       <td>-</td><td>healthy</td><td>gave up (1)</td><td>closed</td></tr>
 *   <tr><td>gave up</td><td>-</td><td>-</td><td>-</td><td>-</td><td>-</td></tr>
 *   <tr><td>closed</td><td>-</td><td>-</td><td>-</td><td>-</td><td>-</td></tr>
 * </table>
 *
 * <p>(1) when the polls of every task type have failed for that long although the server answers:
 * rejected, unauthorised, unusable, or while other channels were answered. One type that fails so
 * degrades that type; only its own success ends that.
 *
 * <p>The result of a call that began before the current state changes nothing, so a call that hung
 * since before the recovery opens no second outage. In an outage, the failure of a call that is not
 * the probe and comes before the next probe is due counts for nothing either. If the clock jumps
 * while anything is out of order, since the machine slept, all stamps move along: what nobody saw
 * does not count toward giving up.
 *
 * <p>Recovery goes to the log when the ramp has been survived, with the time at which the server
 * answered: a server that fails every second call is one outage and one such line.
 *
 * <p>Thread-safe, without a thread of its own; one timer on the scheduler of its {@link
 * OutageSpec}. Two signals share nothing. While the server is healthy, {@link #isOpen} and {@link
 * #onSuccess} are one volatile read.
 */
public final class OutageSignal implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OutageSignal.class);

  private final Scheduler scheduler;
  private final OutageSpec spec;
  private final Rules rules;
  private final Set<Channel> polls;
  private final AtomicReference<Situation> current;
  private final AtomicLong probes = new AtomicLong();
  private final Gate gate = new Gate(this);
  private final StateObservers observers = new StateObservers(this::snapshot);
  private final Sinks.Empty<Void> over = Sinks.empty();
  private final Sinks.Empty<Void> pollsStopped = Sinks.empty();

  private OutageSignal(OutageSpec spec, Set<Channel> polls) {
    this.spec = spec;
    this.polls = polls;
    this.scheduler = spec.scheduler().get();
    this.rules = new Rules(spec, polls);
    this.current = new AtomicReference<>(Situation.healthy(now()));
  }

  /**
   * Creates a signal for one server.
   *
   * @param spec how to bear outages
   * @param polls the poll channels of all task types: when every one of them fails, there is no
   *     work left. If empty, only the server as a whole can lead to giving up
   * @return the signal, healthy
   */
  public static OutageSignal create(OutageSpec spec, Collection<Channel> polls) {
    Set<Channel> known = Set.copyOf(polls);
    for (Channel channel : known) {
      if (channel.kind() != Channel.Kind.POLL) {
        throw new IllegalArgumentException("channel " + channel + ": expected polls only");
      }
    }
    return new OutageSignal(spec, known);
  }

  /** {@return whether calls pass the gate without waiting: one volatile read} */
  public boolean isOpen() {
    return situation().open();
  }

  /**
   * Waits until a call may be made. While the server is healthy that is at once; in an outage it is
   * when this is the most urgent call that waits and the next probe is due; on recovery, at once,
   * or for polls at a random moment of the ramp. Holds nothing meanwhile.
   *
   * <p>Cancelling it ends the wait; a permit that was given and not used goes to the next.
   *
   * @param channel what the call does
   * @return cold; each subscription is one wait. Empty once the signal is closed, or for polls once
   *     they are {@linkplain #stopPolls() stopped}; errors with {@link GaveUpException}. Signals
   *     come on the caller's thread, or on that which brought the change
   */
  public Mono<Pass> pass(Channel channel) {
    return Mono.defer(
        () -> {
          check(channel);
          Situation seen = situation();
          return seen.open() && !gate.isStopped(channel)
              ? Mono.just(new Pass(this, channel, seen.epoch(), 0))
              : gate.pass(channel);
        });
  }

  /**
   * Makes a call once it may be made, and reports how it ends; what it emits passes unchanged.
   *
   * @param <T> what it emits
   * @param channel what the call does
   * @param call the call
   * @return cold; empty, with no call made, once the wait was ended by a stop; errors as the call,
   *     and with {@link GaveUpException}
   */
  public <T> Mono<T> call(Channel channel, Mono<T> call) {
    return pass(channel)
        .flatMap(pass -> pass.begin() ? pass.report(call) : this.call(channel, call));
  }

  /**
   * A call was answered.
   *
   * @param channel what it does
   * @param begunNanos when it began, by the scheduler's clock
   */
  public void onSuccess(Channel channel, long begunNanos) {
    if (situation().calm()) {
      return;
    }
    check(channel);
    long now = now();
    apply(seen -> rules.succeeded(seen, channel, begunNanos, now));
  }

  /**
   * A call failed. Counts it, writes the line that is due, and decides what follows, in one step.
   *
   * @param channel what it does
   * @param failure how it failed
   * @param begunNanos when it began, by the scheduler's clock
   * @return what follows
   */
  public Decision onFailure(Channel channel, ServerFailure failure, long begunNanos) {
    return onFailure(channel, failure, begunNanos, 0);
  }

  Decision onFailure(Channel channel, ServerFailure failure, long begunNanos, long probe) {
    check(channel);
    Rules.Failed event =
        new Rules.Failed(
            channel,
            failure,
            begunNanos,
            probe,
            now(),
            random(),
            spec.anotherAnswers().getAsBoolean());
    Decision decision = apply(seen -> rules.failed(seen, event));
    if (LOG.isDebugEnabled()) {
      LOG.debug(Lines.cause(channel, failure));
    }
    GaveUpException gaveUp = decision.gaveUp();
    if (gaveUp != null) {
      over.tryEmitError(gaveUp);
    }
    return decision;
  }

  /**
   * The companion of {@code retryWhen} for calls that pass this signal's gate and are reported to
   * it, as {@link #call} does. It decides when to go to the gate again: at once in an outage, where
   * the gate waits; else after a backoff of its own, by the failures of this subscription in a row
   * and by what the server asks for.
   *
   * <p>It never completes. It errors with {@link GaveUpException} as soon as the signal gives up;
   * with the failure itself, if that is no {@link ServerFailure} or if an update or a lease
   * extension is rejected, since no retry can help. A stop ends the wait at once: the source is
   * subscribed to once more, where the gate completes it; should it fail all the same, that error
   * is passed on.
   *
   * @param channel what the calls do
   * @return the strategy; its state belongs to each subscription
   */
  public Retry retry(Channel channel) {
    check(channel);
    return new Companion(this, channel, new Backoff(spec));
  }

  /** Ends the waits of polls, at once and for good: the worker drains. Idempotent. */
  public void stopPolls() {
    gate.stopPolls();
    pollsStopped.tryEmitEmpty();
  }

  /** Ends all waits, at once and for good. Idempotent. */
  @Override
  public void close() {
    if (apply(rules::closed)) {
      over.tryEmitEmpty();
      pollsStopped.tryEmitEmpty();
    }
  }

  /**
   * Tells the end.
   *
   * @return errors with {@link GaveUpException} when the signal gives up; completes when it is
   *     closed
   */
  public Mono<Void> gaveUp() {
    return over.asMono();
  }

  /** {@return how the server does now} */
  public OutageState state() {
    return snapshot().state();
  }

  /**
   * How the server does: first now, then at each change. A subscriber that is slow misses what lies
   * between, never the newest; one that throws loses its subscription. Signals come on the thread
   * that brought the change, which must not be blocked.
   *
   * @return hot; never completes by itself, so cancel it
   */
  public Flux<OutageState> states() {
    return observers.states();
  }

  private StateObservers.Snapshot snapshot() {
    Situation seen = situation();
    return new StateObservers.Snapshot(seen.version(), Reading.of(seen, spec.limit(), now()));
  }

  @SuppressWarnings("ReferenceEquality") // the very same situation means that nothing has changed
  private <R> R apply(Function<Situation, Step<R>> decide) {
    while (true) {
      Situation seen = situation();
      Step<R> step = decide.apply(seen);
      if (step.next() == seen) {
        return step.result();
      }
      if (current.compareAndSet(seen, step.next())) {
        step.notices().forEach(OutageSignal::say);
        gate.signal();
        return step.result();
      }
    }
  }

  private static void say(Notice notice) {
    LOG.atLevel(notice.level()).log(notice.text());
  }

  /** The labels are those of the worker, so what is kept by channel is bounded. */
  private void check(Channel channel) {
    if (channel.kind() == Channel.Kind.POLL && !polls.isEmpty() && !polls.contains(channel)) {
      throw new IllegalArgumentException(
          "channel " + channel + " is unknown: expected one of " + polls);
    }
  }

  /** Gives the permit to probe. Returns its number, or 0 if it is too soon or somebody has it. */
  long grant() {
    long number = probes.incrementAndGet();
    long now = now();
    return apply(seen -> rules.granted(seen, number, now)) ? number : 0;
  }

  boolean mayBegin(long epoch, long probe) {
    Situation seen = situation();
    if (seen.open()) {
      return seen.epoch() == epoch;
    }
    long now = now();
    return apply(s -> rules.begun(s, epoch, probe, now));
  }

  void takeBack(long probe) {
    if (probe != 0) {
      apply(seen -> rules.returned(seen, probe));
    }
  }

  void onTimer(long armedTick, long dueNanos) {
    long now = now();
    apply(seen -> rules.ticked(seen, armedTick, dueNanos, now));
  }

  void tellObservers() {
    observers.tell();
  }

  Situation situation() {
    return Objects.requireNonNull(current.get());
  }

  Scheduler scheduler() {
    return scheduler;
  }

  double random() {
    return spec.random().getAsDouble();
  }

  long now() {
    return scheduler.now(TimeUnit.NANOSECONDS);
  }

  boolean isStopped(Channel channel) {
    return gate.isStopped(channel) || situation().server() instanceof Closed;
  }

  /** Ends when waits of this channel do. */
  Mono<Void> ended(Channel channel) {
    return channel.kind() == Channel.Kind.POLL
        ? Mono.firstWithSignal(over.asMono(), pollsStopped.asMono())
        : over.asMono();
  }

  int waiting() {
    return gate.waiting();
  }
}
