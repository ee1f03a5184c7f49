package dev.holdfast.worker;

import dev.holdfast.outage.Channel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/**
 * One task type of a running worker: its free slots, and what its last poll taught.
 *
 * <p>A lane has at most one poll in flight. What a poll taught is written before the lane asks for
 * its next turn and read by {@link PollTurns} only while it waits for that turn; {@code hot} is
 * read at any time.
 */
final class Lane {

  private static final int MAX_COUNT = 1_000;
  private static final long EMPTY_BASE_NANOS = Duration.ofMillis(50).toNanos();

  final TaskSpec spec;
  private final Channel channel;
  final AtomicInteger free;
  final AtomicReference<@Nullable MonoSink<PollTicket>> waiting = new AtomicReference<>();

  /** Whether its last poll brought all that it asked for, so that more is likely there. */
  volatile boolean hot;

  boolean asked;
  long askedAtNanos;
  long notBeforeNanos;
  int countCap = MAX_COUNT;
  private int earlyEmpties;

  Lane(TaskSpec spec, int cap) {
    this.spec = spec;
    String domain = spec.domain();
    this.channel =
        Channel.poll(domain == null ? spec.type() : spec.type() + " of domain " + domain);
    this.free = new AtomicInteger(spec.slotsWithin(cap));
  }

  String type() {
    return spec.type();
  }

  Channel channel() {
    return channel;
  }

  /**
   * Learns from an answer. A server that answers a long poll early with nothing is asked again
   * later and later, up to the wait that it did not keep; one whose answer broke off is asked for
   * half as much, and for more again once as much got through.
   */
  void learn(int count, int received, Duration longPoll, boolean cut, long nowNanos) {
    hot = !cut && received >= count;
    if (cut) {
      countCap = Math.max(1, count / 2);
    } else if (count >= countCap) {
      countCap = Math.min(MAX_COUNT, countCap * 2);
    }
    notBeforeNanos = nowNanos;
    boolean early = received == 0 && nowNanos - askedAtNanos < longPoll.toNanos() / 2;
    if (early) {
      long pause = EMPTY_BASE_NANOS << Math.min(earlyEmpties++, 10);
      notBeforeNanos = askedAtNanos + Math.min(pause, longPoll.toNanos());
    } else {
      earlyEmpties = 0;
    }
  }
}
