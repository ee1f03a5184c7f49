package dev.holdfast.conductor;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.util.context.Context;

/**
 * Reads an answer's body as it comes and hands out each element as it is complete, on the
 * connection's thread, with no queue between. It therefore wants a subscriber that demands without
 * bound, which is what {@link dev.holdfast.client.TaskClient} asks of its callers.
 */
final class ReadAnswer<T> extends Flux<T> {

  private final Flux<ByteBuf> body;
  private final Reply<T> reply;
  private final Exchange exchange;

  /**
   * Reads an answer. One that is accepted counts only as a whole; of others what came is enough.
   */
  ReadAnswer(Flux<ByteBuf> body, Reply<T> reply, Exchange exchange) {
    this.body = body;
    this.reply = reply;
    this.exchange = exchange;
  }

  @Override
  public void subscribe(CoreSubscriber<? super T> actual) {
    body.subscribe(new Reading<>(actual, reply, exchange));
  }

  private static final class Reading<T> implements CoreSubscriber<ByteBuf>, Subscription {
    private final CoreSubscriber<? super T> actual;
    private final Reply<T> reply;
    private final Exchange exchange;
    private byte[] chunk = new byte[0];
    private boolean ended;
    private volatile boolean cancelled;
    private @Nullable Subscription upstream;

    Reading(CoreSubscriber<? super T> actual, Reply<T> reply, Exchange exchange) {
      this.actual = actual;
      this.reply = reply;
      this.exchange = exchange;
    }

    @Override
    public Context currentContext() {
      return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      upstream = subscription;
      actual.onSubscribe(this);
    }

    @Override
    public void onNext(ByteBuf buffer) {
      if (ended) {
        return;
      }
      exchange.markHeard();
      int length = buffer.readableBytes();
      if (chunk.length < length) {
        chunk = new byte[Math.max(length, 2 * chunk.length)];
      }
      buffer.getBytes(buffer.readerIndex(), chunk, 0, length);
      try {
        tell(reply.read(chunk, length));
      } catch (RuntimeException e) {
        cancelUpstream();
        fail(e);
        return;
      }
      if (reply.isSated()) {
        cancelUpstream();
        finish();
      }
    }

    @Override
    public void onError(Throwable error) {
      if (exchange.isAccepted()) {
        fail(error);
      } else {
        finish();
      }
    }

    @Override
    public void onComplete() {
      finish();
    }

    @Override
    public void request(long n) {
      Subscription above = upstream;
      if (above != null) {
        above.request(Long.MAX_VALUE);
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      cancelUpstream();
    }

    private void finish() {
      if (ended) {
        return;
      }
      try {
        tell(reply.end());
      } catch (RuntimeException e) {
        fail(e);
        return;
      }
      if (!ended) {
        ended = true;
        actual.onComplete();
      }
    }

    private void tell(List<T> elements) {
      for (T element : elements) {
        if (cancelled) {
          return;
        }
        actual.onNext(element);
      }
    }

    private void fail(Throwable error) {
      if (!ended) {
        ended = true;
        actual.onError(error);
      }
    }

    private void cancelUpstream() {
      Subscription above = upstream;
      if (above != null) {
        above.cancel();
      }
    }
  }
}
