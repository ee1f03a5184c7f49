package dev.holdfast.local;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Between the connections and the API: reads requests within bounds, and writes their answers. */
final class Front {

  private static final Logger LOG = LoggerFactory.getLogger(Front.class);

  /** So much more is read of a body that is too large, so that its sender gets to our answer. */
  private static final int DRAINED = 64 << 20;

  private static final Set<HttpMethod> WITHOUT_BODY =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.DELETE, HttpMethod.OPTIONS);

  private final Api api;
  private final Engine engine;
  private final LocalServerSpec.Bounds bounds;
  private final AtomicInteger open = new AtomicInteger();
  private final Map<EventLoop, Scheduler> loops = new ConcurrentHashMap<>();

  Front(Api api, Engine engine, LocalServerSpec.Bounds bounds) {
    this.api = api;
    this.engine = engine;
    this.bounds = bounds;
  }

  /** Counts a new connection, and closes it if it is one too many. */
  void connected(Channel channel) {
    int now = open.incrementAndGet();
    channel.closeFuture().addListener(closed -> open.decrementAndGet());
    if (now > bounds.connections()) {
      LOG.debug("A connection is closed: there are {} others", now - 1);
      channel.close().addListener(closed -> LOG.trace("It is closed"));
    }
  }

  int connections() {
    return open.get();
  }

  Publisher<Void> handle(HttpServerRequest in, HttpServerResponse out) {
    Channel channel = channelOf(in);
    Scheduler onLoop = loops.computeIfAbsent(channel.eventLoop(), Schedulers::fromExecutor);
    Delivery delivery = new Delivery(engine::giveBack);
    return answer(in, delivery)
        .onErrorResume(
            e -> {
              LOG.error("{} {} failed by a mistake", in.method(), Line.of(in.uri()), e);
              return Mono.just(
                  Answer.refused(Refusal.unreadable("A mistake of this server: " + e)));
            })
        // There it is known whether the client is still there, until the answer is on its way.
        .publishOn(onLoop)
        .flatMap(
            answer ->
                channel.isActive() && delivery.begin()
                    ? write(out, answer, in.method().equals(HttpMethod.HEAD))
                    : Mono.<Void>empty())
        .doFinally(end -> delivery.end());
  }

  private static Channel channelOf(HttpServerRequest in) {
    AtomicReference<Channel> channel = new AtomicReference<>();
    in.withConnection(connection -> channel.set(connection.channel()));
    return Objects.requireNonNull(channel.get());
  }

  private Mono<Answer> answer(HttpServerRequest in, Delivery delivery) {
    return Mono.defer(
            () -> {
              Request request =
                  Request.of(in.method(), in.uri(), name -> in.requestHeaders().get(name));
              Answer barrier = api.barrier(request);
              if (barrier != null) {
                return Mono.just(barrier);
              }
              return WITHOUT_BODY.contains(in.method())
                  ? api.answer(request, delivery)
                  : body(in).flatMap(body -> api.answer(request.with(body), delivery));
            })
        .onErrorResume(Refusal.class, refusal -> Mono.just(Answer.refused(refusal)));
  }

  private Mono<byte[]> body(HttpServerRequest in) {
    int most = bounds.body();
    return in.receive()
        .reduceWith(() -> new Body(most), Body::add)
        .map(
            body -> {
              if (body.isTooLarge()) {
                throw tooLarge();
              }
              return body.bytes.toByteArray();
            });
  }

  private Refusal tooLarge() {
    return Refusal.tooLarge("The body is larger than " + bounds.body() + " bytes");
  }

  private static Mono<Void> write(HttpServerResponse out, Answer answer, boolean isHead) {
    out.status(answer.status());
    if (answer.contentType() != null) {
      out.header(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
    }
    if (answer.retryAfterSeconds() > 0) {
      out.header(HttpHeaderNames.RETRY_AFTER, Integer.toString(answer.retryAfterSeconds()));
    }
    if (answer.status() == 204) {
      return out.send();
    }
    out.header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(answer.body().length));
    return isHead || answer.body().length == 0
        ? out.send()
        : out.sendObject(Unpooled.wrappedBuffer(answer.body())).then();
  }

  /** A body as it comes, within its bound. */
  private final class Body {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int most;
    private long seen;

    Body(int most) {
      this.most = most;
    }

    Body add(ByteBuf buffer) {
      int length = buffer.readableBytes();
      seen += length;
      if (seen > (long) most + DRAINED) {
        throw tooLarge();
      }
      if (!isTooLarge()) {
        byte[] chunk = new byte[length];
        buffer.getBytes(buffer.readerIndex(), chunk);
        bytes.write(chunk, 0, length);
      } else {
        bytes.reset();
      }
      return this;
    }

    boolean isTooLarge() {
      return seen > most;
    }
  }
}
