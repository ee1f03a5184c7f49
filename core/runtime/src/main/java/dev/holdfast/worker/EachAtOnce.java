package dev.holdfast.worker;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Starts the work for each element as it comes, without a bound of its own, and completes when the
 * source and all work have. What the work emits is an element like those of the source, for which
 * work is started on the thread that emits it. An error of either cancels everything and is passed
 * on; a cancel cancels everything.
 *
 * <p>{@code flatMap} starts work too, but looks at every inner publisher whenever one of them ends,
 * to merge their values, and here thousands of results can wait for the server. {@code expand}
 * feeds values back too, but merges them in the same way.
 */
final class EachAtOnce<T> extends Mono<Void> {

  private final Flux<T> source;
  private final Function<? super T, ? extends Mono<? extends T>> work;

  EachAtOnce(Flux<T> source, Function<? super T, ? extends Mono<? extends T>> work) {
    this.source = source;
    this.work = work;
  }

  @Override
  public void subscribe(CoreSubscriber<? super Void> actual) {
    source.subscribe(new Outer<>(actual, work));
  }

  private static final class Outer<T> implements CoreSubscriber<T>, Subscription {
    private final CoreSubscriber<? super Void> actual;
    private final Function<? super T, ? extends Mono<? extends T>> work;
    private final Set<Inner<T>> running = ConcurrentHashMap.newKeySet();
    private final AtomicInteger open = new AtomicInteger(1);
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable Subscription upstream;

    Outer(
        CoreSubscriber<? super Void> actual,
        Function<? super T, ? extends Mono<? extends T>> work) {
      this.actual = actual;
      this.work = work;
    }

    @Override
    public Context currentContext() {
      return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      if (Operators.validate(upstream, subscription)) {
        upstream = subscription;
        actual.onSubscribe(this);
        subscription.request(Long.MAX_VALUE);
      }
    }

    @Override
    public void onNext(T element) {
      Mono<? extends T> begun;
      try {
        begun = work.apply(element);
      } catch (Throwable thrown) {
        onError(Operators.onOperatorError(upstream, thrown, element, currentContext()));
        return;
      }
      open.incrementAndGet();
      begun.subscribe(new Inner<>(this));
    }

    @Override
    public void onError(Throwable error) {
      if (ended.compareAndSet(false, true)) {
        cancelAll();
        actual.onError(error);
      } else {
        Operators.onErrorDropped(error, currentContext());
      }
    }

    @Override
    public void onComplete() {
      if (open.decrementAndGet() == 0 && ended.compareAndSet(false, true)) {
        actual.onComplete();
      }
    }

    @Override
    public void request(long n) {
      // There is no value to ask for.
    }

    @Override
    public void cancel() {
      if (ended.compareAndSet(false, true)) {
        cancelAll();
      }
    }

    private void cancelAll() {
      Subscription above = upstream;
      if (above != null) {
        above.cancel();
      }
      running.forEach(Inner::cancel);
    }
  }

  private static final class Inner<T> implements CoreSubscriber<T> {
    private final Outer<T> outer;
    private volatile @Nullable Subscription upstream;

    Inner(Outer<T> outer) {
      this.outer = outer;
    }

    @Override
    public Context currentContext() {
      return outer.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      upstream = subscription;
      outer.running.add(this);
      if (outer.ended.get()) {
        subscription.cancel();
      } else {
        subscription.request(Long.MAX_VALUE);
      }
    }

    @Override
    public void onNext(T more) {
      outer.onNext(more);
    }

    @Override
    public void onError(Throwable error) {
      outer.running.remove(this);
      outer.onError(error);
    }

    @Override
    public void onComplete() {
      outer.running.remove(this);
      outer.onComplete();
    }

    void cancel() {
      Subscription mine = upstream;
      if (mine != null) {
        mine.cancel();
      }
    }
  }
}
