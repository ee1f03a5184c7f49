package dev.holdfast.conductor;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.util.context.Context;

/**
 * A call's answer, ended by the call's deadline if it has not ended by then, and by a silence that
 * lasts too long. Each failure is typed on its way.
 *
 * <p>What {@code takeUntilOther} and a read timeout would do with two timers per call, at the cost
 * of one entry in {@link Deadlines}. The deadline fires on another thread than the answer comes on,
 * so one state says who may tell the subscriber:
 *
 * <table>
 *   <caption>Legal moves</caption>
 *   <tr><th>from</th><th>an element</th><th>the deadline</th><th>end, error, cancel</th></tr>
 *   <tr><td>idle</td><td>telling, then idle</td><td>ended: tells it</td><td>ended</td></tr>
 *   <tr><td>telling</td><td>-</td><td>overdue: whoever tells goes on to tell it</td><td>ended</td></tr>
 *   <tr><td>overdue</td><td>-</td><td>-</td><td>ended</td></tr>
 *   <tr><td>ended</td><td>dropped</td><td>-</td><td>-</td></tr>
 * </table>
 */
final class BoundedAnswer<T> extends Flux<T> {

  /** What bounds a call, and what is to be told when it fails. */
  interface Bounds {

    /** From the subscription to the end. */
    Duration total();

    /** Until when nothing need come; asked again and again. */
    long silentUntilNanos(long nowNanos);

    /** Runs it once all that has come by now has been read. */
    void afterReading(Runnable look);

    /** The failure of a call that has not ended in time, or was silent for too long. */
    Throwable overdue();

    /** Types any other failure. */
    Throwable typed(Throwable error);

    /** What the call's own operators see beside the caller's context. */
    Context context(Context callers);
  }

  private final Flux<T> answer;
  private final Deadlines deadlines;
  private final Bounds bounds;

  BoundedAnswer(Flux<T> answer, Deadlines deadlines, Bounds bounds) {
    this.answer = answer;
    this.deadlines = deadlines;
    this.bounds = bounds;
  }

  @Override
  public void subscribe(CoreSubscriber<? super T> actual) {
    answer.subscribe(new Bound<>(actual, this, deadlines.now()));
  }

  private static final class Bound<T> extends AtomicInteger
      implements CoreSubscriber<T>, Subscription, Deadlines.Bounded {

    private static final long serialVersionUID = 1L;
    private static final int IDLE = 0;
    private static final int TELLING = 1;
    private static final int OVERDUE = 2;
    private static final int ENDED = 3;

    private final transient CoreSubscriber<? super T> actual;
    private final transient BoundedAnswer<T> parent;
    private final long begunNanos;
    private final long totalNanos;
    private final transient Context context;
    private transient volatile @Nullable Subscription upstream;
    private volatile boolean looking;

    Bound(CoreSubscriber<? super T> actual, BoundedAnswer<T> parent, long begunNanos) {
      super(IDLE);
      this.actual = actual;
      this.parent = parent;
      this.begunNanos = begunNanos;
      this.totalNanos = parent.bounds.total().toNanos();
      this.context = parent.bounds.context(actual.currentContext());
    }

    @Override
    public Context currentContext() {
      return context;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      upstream = subscription;
      actual.onSubscribe(this);
      watch(begunNanos);
    }

    @Override
    public void onNext(T element) {
      if (!compareAndSet(IDLE, TELLING)) {
        return;
      }
      actual.onNext(element);
      if (!compareAndSet(TELLING, IDLE) && compareAndSet(OVERDUE, ENDED)) {
        actual.onError(parent.bounds.overdue());
      }
    }

    @Override
    public void onError(Throwable error) {
      if (end()) {
        actual.onError(parent.bounds.typed(error));
      }
    }

    @Override
    public void onComplete() {
      if (end()) {
        actual.onComplete();
      }
    }

    @Override
    public void request(long n) {
      Subscription above = upstream;
      if (above != null) {
        above.request(n);
      }
    }

    @Override
    public void cancel() {
      if (end()) {
        cancelUpstream();
      }
    }

    @Override
    public long deadlineNanos(long nowNanos) {
      long total = begunNanos + totalNanos - nowNanos;
      long silence = looking ? total : parent.bounds.silentUntilNanos(nowNanos) - nowNanos;
      return nowNanos + Math.min(total, silence);
    }

    /** The total deadline is final. What looks like silence may wait to be read. */
    @Override
    public void expire() {
      long now = parent.deadlines.now();
      if (begunNanos + totalNanos - now <= 0) {
        leave();
        return;
      }
      looking = true;
      watch(now);
      parent.bounds.afterReading(this::look);
    }

    private void look() {
      looking = false;
      long now = parent.deadlines.now();
      if (deadlineNanos(now) - now <= 0) {
        parent.deadlines.remove(this);
        leave();
      } else {
        watch(now);
      }
    }

    private void watch(long nowNanos) {
      parent.deadlines.add(this, nowNanos);
      if (get() == ENDED) {
        parent.deadlines.remove(this);
      }
    }

    private void leave() {
      while (true) {
        int seen = get();
        if (seen == IDLE && compareAndSet(IDLE, ENDED)) {
          cancelUpstream();
          actual.onError(parent.bounds.overdue());
          return;
        }
        if (seen == TELLING && compareAndSet(TELLING, OVERDUE)) {
          cancelUpstream();
          return;
        }
        if (seen == OVERDUE || seen == ENDED) {
          return;
        }
      }
    }

    private boolean end() {
      boolean first = getAndSet(ENDED) != ENDED;
      if (first) {
        parent.deadlines.remove(this);
      }
      return first;
    }

    private void cancelUpstream() {
      Subscription above = upstream;
      if (above != null) {
        above.cancel();
      }
    }
  }
}
