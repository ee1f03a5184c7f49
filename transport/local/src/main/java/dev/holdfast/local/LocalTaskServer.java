package dev.holdfast.local;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/**
 * A task server in this process, with the part of Conductor's wire API that workers and one-task
 * workflows need.
 *
 * <p>It is for one machine: for development, tests, and work that one machine carries. It is never
 * clustered. Beyond one machine the engine is Conductor, and workers run against either, unchanged.
 */
public final class LocalTaskServer {

  private static final Logger LOG = LoggerFactory.getLogger(LocalTaskServer.class);
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final DisposableServer server;
  private final LoopResources loops;
  private final String url;
  private final Mono<Void> stopping = Mono.defer(this::stopOnce).cache();

  private LocalTaskServer(DisposableServer server, LoopResources loops, String url) {
    this.server = server;
    this.loops = loops;
    this.url = url;
  }

  /**
   * Starts a server. Cold: each subscription replays the journal, then binds the port. It answers
   * requests when the mono emits, and until it is {@linkplain #stop stopped}. Cancelling before
   * that stops it.
   *
   * @param spec its options
   * @return the server; errors with a {@link LocalServerException} if the address is taken or can't
   *     be bound, if it is beyond loopback and there are no credentials, or if the journal can't be
   *     read
   */
  public static Mono<LocalTaskServer> start(LocalServerSpec spec) {
    LocalServerSpec.Parts parts = spec.parts();
    return Mono.defer(
        () -> {
          if (parts.isOpenToNetwork() && parts.credentials() == null) {
            return Mono.error(
                new LocalServerException(
                    "bind is "
                        + parts.bind()
                        + ", which others can reach: set credentials (CONDUCTOR_AUTH_KEY and"
                        + " CONDUCTOR_AUTH_SECRET), or bind 127.0.0.1",
                    null));
          }
          return bind(parts);
        });
  }

  private static Mono<LocalTaskServer> bind(LocalServerSpec.Parts parts) {
    LoopResources loops = LoopResources.create("holdfast-local-io", 2, true);
    InetAddress address = parts.address();
    return HttpServer.create()
        .bindAddress(() -> new InetSocketAddress(address, parts.port()))
        .runOn(loops)
        .handle((request, response) -> response.status(503).send())
        .bind()
        .map(bound -> new LocalTaskServer(bound, loops, url(address, bound.port())))
        .doOnNext(server -> LOG.info("Task server at {}", server.url))
        .onErrorMap(
            e -> {
              loops.dispose();
              return new LocalServerException(
                  "Can't listen on " + parts.bind() + " port " + parts.port() + ": " + e, e);
            });
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
   * lease nothing. What the journal keeps stays. The same mono for all callers.
   *
   * @return completes when everything is closed; never errors
   */
  public Mono<Void> stop() {
    return stopping;
  }

  /** {@return completes when the server has stopped, whoever asked for it} */
  public Mono<Void> onStop() {
    return server.onDispose();
  }

  private Mono<Void> stopOnce() {
    server.dispose();
    return server.onDispose().then(loops.disposeLater(Duration.ZERO, GRACE)).onErrorComplete();
  }

  private static String url(InetAddress address, int port) {
    String host = address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress();
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/api";
  }
}
