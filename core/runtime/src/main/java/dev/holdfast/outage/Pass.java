package dev.holdfast.outage;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The permission to make one call. It is void once an outage has begun since it was given; that of
 * a probe also if it isn't begun within 1 s, or has no result after {@link
 * OutageSpec#probeTimeout}: then somebody else probes. Thread-safe; the first result counts.
 */
public final class Pass {

  private enum Phase {
    GIVEN,
    BEGUN,
    SPENT
  }

  private final OutageSignal signal;
  private final Channel channel;
  private final long epoch;
  private final long probe;
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.GIVEN);
  private volatile long begunNanos;

  /**
   * A pass.
   *
   * @param probe the number of its permit, 0 if it has none
   */
  Pass(OutageSignal signal, Channel channel, long epoch, long probe) {
    this.signal = signal;
    this.channel = channel;
    this.epoch = epoch;
    this.probe = probe;
  }

  /**
   * Whether this is the one call that the server gets in its outage. It should be short: a poll
   * should wait for 100 ms at most.
   *
   * @return true for the probe
   */
  public boolean isProbe() {
    return probe != 0;
  }

  /**
   * To be called right before the call.
   *
   * @return false if the pass is void or was used: give back what is held for the call and ask for
   *     another
   */
  public boolean begin() {
    if (!phase.compareAndSet(Phase.GIVEN, Phase.BEGUN)) {
      return false;
    }
    begunNanos = signal.now();
    boolean valid = signal.mayBegin(epoch, probe);
    if (!valid) {
      close();
    }
    return valid;
  }

  /** The call was answered. */
  public void succeeded() {
    if (phase.compareAndSet(Phase.BEGUN, Phase.SPENT)) {
      signal.onSuccess(channel, begunNanos);
      signal.takeBack(probe);
    }
  }

  /**
   * The call failed.
   *
   * @param failure how
   * @return what follows; nothing, if there was a result already
   */
  public Decision failed(ServerFailure failure) {
    if (!phase.compareAndSet(Phase.BEGUN, Phase.SPENT)) {
      return new Decision(Duration.ZERO, false, null);
    }
    Decision decision = signal.onFailure(channel, failure, begunNanos, probe);
    signal.takeBack(probe);
    return decision;
  }

  /** There is no result, since the call was cancelled or not made. Idempotent. */
  public void close() {
    if (phase.getAndSet(Phase.SPENT) != Phase.SPENT) {
      signal.takeBack(probe);
    }
  }

  /** Gives it back if nobody has begun the call. */
  void closeUnused() {
    if (phase.compareAndSet(Phase.GIVEN, Phase.SPENT)) {
      signal.takeBack(probe);
    }
  }

  /**
   * Reports how a call ends; what it emits passes unchanged. A cancel gives the pass back.
   *
   * @param <T> what it emits
   * @param call the call, {@linkplain #begin() begun} already
   * @return the call
   */
  public <T> Mono<T> report(Mono<T> call) {
    return call.doOnSuccess(answer -> succeeded()).doOnError(this::ended).doOnCancel(this::close);
  }

  /**
   * Reports how a call ends; what it emits passes unchanged. A cancel gives the pass back.
   *
   * @param <T> what it emits
   * @param call the call, {@linkplain #begin() begun} already
   * @return the call
   */
  public <T> Flux<T> report(Flux<T> call) {
    return call.doOnComplete(this::succeeded).doOnError(this::ended).doOnCancel(this::close);
  }

  private void ended(Throwable error) {
    if (error instanceof ServerFailure failure) {
      failed(failure);
    } else {
      close();
    }
  }

  @Override
  public String toString() {
    return "pass for " + channel + (isProbe() ? ", probe " + probe : "");
  }
}
