package dev.holdfast.local;

import dev.holdfast.store.InMemoryJournal;
import dev.holdfast.store.Journal;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.FutureMono;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/**
 * A task server in this process, with the part of Conductor's wire API that workers and one-task
 * workflows need.
 *
 * <p>It is for one machine: for development, tests, and work that one machine carries. It is never
 * clustered. Beyond one machine the engine is Conductor, and workers run against either, unchanged.
 *
 * <p>Each change of state is appended to the {@link Journal} before the answer that reveals it goes
 * out, and a start rebuilds the state from there; a journal in memory ends with the process. While
 * the journal fails, requests are answered with 503 and nothing is half done: the state is rebuilt
 * from what is kept before anything else is answered.
 *
 * <p>It answers no page in a browser: a request with an {@code Origin}, or without credentials
 * under a host's name other than localhost, is a 403, since any page could send it to loopback.
 *
 * <p>Where it differs from Conductor on purpose: a long poll is answered with the first task that
 * comes instead of waiting for all that were asked for; a task is not leased to a client that has
 * gone; timeouts fire on time; a start's idempotency key is honoured; an unknown task is a 404.
 */
public final class LocalTaskServer {

  private static final Logger LOG = LoggerFactory.getLogger(LocalTaskServer.class);
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final Duration MAX_IDLE = Duration.ofSeconds(75);
  private static final Duration MAX_REQUEST = Duration.ofSeconds(60);
  private static final int MAX_URL = 8_192;

  private final DisposableServer server;
  private final Front front;
  private final String url;
  private final Sinks.Empty<Void> stopped = Sinks.empty();
  private final Mono<Void> stopping;

  private LocalTaskServer(Parts parts, DisposableServer server, String url) {
    this.server = server;
    this.front = parts.front;
    this.url = url;
    this.stopping =
        Mono.defer(() -> parts.close(server)).doFinally(end -> stopped.tryEmitEmpty()).cache();
  }

  /**
   * Starts a server. Cold: each subscription replays the journal, then binds the port. It answers
   * requests when the mono emits, and until it is {@linkplain #stop stopped}. Cancelling before
   * that ends what was begun.
   *
   * @param spec its options
   * @return the server; errors with a {@link LocalServerException} if the address is taken or can't
   *     be bound, if it is beyond loopback and there are no credentials, or if the journal can't be
   *     read
   */
  public static Mono<LocalTaskServer> start(LocalServerSpec spec) {
    LocalServerSpec.Parts options = spec.parts();
    // What has begun goes on to its end: half a start could not be undone. If nobody wants the
    // server by then, it is stopped.
    return Mono.create(
        sink -> {
          AtomicBoolean isUnwanted = new AtomicBoolean();
          sink.onCancel(() -> isUnwanted.set(true));
          begin(options)
              .subscribe(
                  server -> {
                    sink.success(server);
                    if (isUnwanted.get()) {
                      server.stop().subscribe();
                    }
                  },
                  sink::error);
        });
  }

  private static Mono<LocalTaskServer> begin(LocalServerSpec.Parts options) {
    return Mono.defer(
        () -> {
          if (options.isOpenToNetwork() && options.credentials() == null) {
            return Mono.error(
                new LocalServerException(
                    "bind is "
                        + options.bind()
                        + ", which others can reach: set credentials (CONDUCTOR_AUTH_KEY and"
                        + " CONDUCTOR_AUTH_SECRET), or bind 127.0.0.1",
                    null));
          }
          Parts parts = new Parts(options);
          return parts
              .engine
              .open()
              .onErrorMap(
                  e ->
                      new LocalServerException(
                          "The journal (" + parts.journal.where() + ") can't be read: " + text(e),
                          e))
              .then(Mono.defer(() -> bind(options, parts)))
              .onErrorResume(e -> parts.close(null).then(Mono.error(e)));
        });
  }

  private static Mono<LocalTaskServer> bind(LocalServerSpec.Parts options, Parts parts) {
    InetAddress address = options.address();
    return HttpServer.create()
        .bindAddress(() -> new InetSocketAddress(address, options.port()))
        .runOn(parts.loops)
        .channelGroup(parts.channels)
        .idleTimeout(MAX_IDLE)
        .requestTimeout(MAX_REQUEST)
        .httpRequestDecoder(decoder -> decoder.maxInitialLineLength(MAX_URL))
        .doOnChannelInit((observer, channel, remote) -> parts.front.connected(channel))
        .handle(parts.front::handle)
        .bind()
        .<LocalTaskServer>map(
            bound -> new LocalTaskServer(parts, bound, url(address, bound.port())))
        .doOnNext(
            server ->
                LOG.info(
                    "Task server at {}, for this one machine: beyond it the engine is Conductor."
                        + " State is kept in {}; {}",
                    server.url,
                    parts.journal.where(),
                    options.credentials() == null
                        ? "whoever reaches it may use it"
                        : "a token is demanded"))
        .onErrorMap(
            e ->
                new LocalServerException(
                    "Can't listen on "
                        + options.bind()
                        + " port "
                        + options.port()
                        + ": "
                        + text(e),
                    e));
  }

  /** {@return the port that it listens on} */
  public int port() {
    return server.port();
  }

  /** {@return the base of its API on this machine, such as {@code http://127.0.0.1:8080/api}} */
  public String url() {
    return url;
  }

  /**
   * Stops: closes the port and all connections at once; polls that wait end without an answer and
   * lease nothing. What the journal keeps stays. The same mono for all callers; cold until the
   * first subscribes.
   *
   * @return completes when everything is closed; never errors
   */
  public Mono<Void> stop() {
    return stopping;
  }

  /** {@return completes when the server has stopped, whoever asked for it} */
  public Mono<Void> onStop() {
    return stopped.asMono();
  }

  /** How many connections are open. */
  int connections() {
    return front.connections();
  }

  private static String url(InetAddress address, int port) {
    String host = address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress();
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/api";
  }

  /** What is at the bottom of it, in one line. */
  private static String text(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return Line.of(cause.getMessage() == null ? cause.toString() : cause.getMessage());
  }

  /** What one start owns, but for the port. */
  private static final class Parts {
    final Journal journal;
    final @Nullable Scheduler own;
    final Engine engine;
    final Front front;
    final LoopResources loops = LoopResources.create("holdfast-local-io", 2, true);
    final ChannelGroup channels = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);

    Parts(LocalServerSpec.Parts options) {
      Journal given = options.journal();
      journal = given == null ? new InMemoryJournal() : given;
      Supplier<? extends Scheduler> source = options.scheduler();
      own = source == null ? Schedulers.newSingle("holdfast-local", true) : null;
      Scheduler scheduler = source == null ? Objects.requireNonNull(own) : source.get();
      engine = new Engine(options.bounds(), journal, scheduler, () -> UUID.randomUUID().toString());
      LocalServerSpec.Credentials credentials = options.credentials();
      Tokens tokens =
          credentials == null
              ? null
              : new Tokens(credentials, () -> scheduler.now(TimeUnit.MILLISECONDS));
      front = new Front(new Api(engine, tokens), engine, options.bounds());
    }

    Mono<Void> close(@Nullable DisposableServer server) {
      Mono<Void> port =
          server == null
              ? Mono.empty()
              : Mono.defer(
                  () -> {
                    server.dispose();
                    return server.onDispose();
                  });
      // The engine ends last: what was leased and not yet written still comes back to it.
      return port.then(Mono.defer(() -> FutureMono.from(channels.close())).onErrorComplete())
          .then(Mono.defer(() -> loops.disposeLater(Duration.ZERO, GRACE)))
          .then(engine.close())
          .timeout(GRACE.multipliedBy(2))
          .onErrorComplete()
          .then(Mono.fromRunnable(this::disposeOwn));
    }

    private void disposeOwn() {
      if (own != null) {
        own.dispose();
      }
    }
  }
}
