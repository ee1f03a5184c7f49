package dev.holdfast.outage;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A signal on a clock of its own, and what it writes to the log. Delays are the longest that chance
 * allows, so they are 2, 4, 8, 10, 10 s.
 */
final class Rig implements AutoCloseable {

  static final Channel GREET = Channel.poll("greet");
  static final Channel BILL = Channel.poll("bill");

  static ServerFailure refused() {
    return ServerFailure.of(Kind.UNREACHABLE, "Connection refused", null);
  }

  static ServerFailure busy() {
    return ServerFailure.of(Kind.OVERLOADED, "503 Service Unavailable", null).withStatus(503);
  }

  static ServerFailure noSuch() {
    return ServerFailure.of(Kind.REJECTED, "No such task type", null).withStatus(404);
  }

  static ServerFailure badKey() {
    return ServerFailure.of(Kind.UNAUTHORIZED, "Invalid token", null).withStatus(401);
  }

  static ServerFailure html() {
    return ServerFailure.of(Kind.BROKEN, "Expected JSON, got HTML", null).withStatus(500);
  }

  final Clock clock = new Clock();
  final OutageSignal signal;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(OutageSignal.class);

  private Rig(UnaryOperator<OutageSpec> options, List<Channel> polls) {
    OutageSpec spec = OutageSpec.create().random(() -> 1.0).scheduler(() -> clock);
    this.signal = OutageSignal.create(options.apply(spec), polls);
    log.start();
    logger.setLevel(Level.DEBUG);
    logger.setAdditive(false);
    logger.addAppender(log);
  }

  static Rig never(Channel... polls) {
    return of(spec -> spec, polls);
  }

  static Rig limited(long seconds, Channel... polls) {
    return of(spec -> spec.giveUpAfter(Duration.ofSeconds(seconds)), polls);
  }

  static Rig of(UnaryOperator<OutageSpec> options, Channel... polls) {
    return new Rig(options, polls.length == 0 ? List.of(GREET) : List.of(polls));
  }

  /** Virtual time on a clock that can jump, as that of a machine that slept. */
  static final class Clock implements Scheduler {
    final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private long offsetNanos;

    void jump(Duration by) {
      offsetNanos += by.toNanos();
    }

    @Override
    public Disposable schedule(Runnable task) {
      return time.schedule(task);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
      return time.schedule(task, delay, unit);
    }

    @Override
    public Worker createWorker() {
      return time.createWorker();
    }

    @Override
    public long now(TimeUnit unit) {
      return unit.convert(offsetNanos + time.now(TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS);
    }
  }

  void pass(double seconds) {
    clock.time.advanceTimeBy(Duration.ofNanos(Math.round(seconds * 1e9)));
  }

  long now() {
    return clock.now(TimeUnit.NANOSECONDS);
  }

  /** A call that begins and fails now. */
  Decision fail(Channel channel, ServerFailure failure) {
    return signal.onFailure(channel, failure, now());
  }

  /** A call that begins and is answered now. */
  void answer(Channel channel) {
    signal.onSuccess(channel, now());
  }

  /** Who waits for a pass, and what has come of it. */
  static final class Caller {
    final List<Pass> passes = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();
    boolean ended;
    Disposable wait = () -> {};

    Pass pass() {
      return passes.get(0);
    }
  }

  Caller ask(Channel channel) {
    Caller caller = new Caller();
    caller.wait =
        signal
            .pass(channel)
            .subscribe(caller.passes::add, caller.errors::add, () -> caller.ended = true);
    return caller;
  }

  /** What is in the log, but for DEBUG. */
  List<String> lines() {
    return log.list.stream()
        .filter(event -> event.getLevel() != Level.DEBUG)
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  List<ILoggingEvent> events() {
    return List.copyOf(log.list);
  }

  void withoutDebug() {
    logger.setLevel(Level.INFO);
  }

  void forgetLines() {
    log.list.clear();
  }

  @Override
  public void close() {
    signal.close();
    logger.detachAppender(log);
    logger.setLevel(null);
    logger.setAdditive(true);
  }
}
