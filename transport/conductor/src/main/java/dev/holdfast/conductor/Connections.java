package dev.holdfast.conductor;

import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.SslContext;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.FutureMono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.AddressUtils;
import reactor.netty.transport.NameResolverProvider;
import reactor.netty.transport.ProxyProvider;

/**
 * What a client owns: its event loops, a thread for the deadlines, a pool of connections for each
 * lane, and a resolver of names. Nothing is shared with other clients, so all of it can be closed.
 */
final class Connections {

  private static final int MAX_WAITING = 1_000;
  private static final double JITTER = 0.2;
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final String AGENT = "holdfast";
  private static final String TOKEN_HEADER = "X-Authorization";

  private final LoopResources loops;
  private final Scheduler timer;
  private final Deadlines deadlines;
  private final DnsAddressResolverGroup resolver;
  private final ChannelGroup open = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);
  private final Map<Call.Lane, ConnectionProvider> pools = new EnumMap<>(Call.Lane.class);
  private final Map<Call.Lane, HttpClient> clients = new EnumMap<>(Call.Lane.class);
  private final Map<String, HttpClient.RequestSender> results;
  private final Mono<Void> closing = Mono.defer(this::closeOnce).cache();
  private volatile boolean closed;

  Connections(ConductorSpec.Parts parts) {
    SslContext tls = null;
    if (parts.server().secure()) {
      tls = Tls.context(parts.trust(), parts.clientCertificate());
    }
    loops = LoopResources.create("holdfast-io-" + parts.region(), parts.ioThreads(), true);
    timer = Schedulers.newSingle("holdfast-timer-" + parts.region(), true);
    deadlines = new Deadlines(timer);
    resolver =
        NameResolverProvider.builder()
            .runOn(loops)
            .queryTimeout(parts.deadlines().connect())
            .build()
            .newNameResolverGroup(loops, LoopResources.DEFAULT_NATIVE);
    ConductorSpec.Pools sizes = parts.pools();
    addLane(Call.Lane.POLLS, sizes.polls(), parts, tls);
    addLane(Call.Lane.UPDATES, sizes.updates(), parts, tls);
    addLane(Call.Lane.LEASES, sizes.leases(), parts, tls);
    HttpClient.RequestSender post =
        Objects.requireNonNull(clients.get(Call.Lane.UPDATES)).request(HttpMethod.POST);
    results =
        Stream.of(Call.RESULT, Call.RESULT_AND_POLL)
            .map(path -> parts.server().path() + path)
            .collect(Collectors.toUnmodifiableMap(uri -> uri, post::uri));
  }

  /** Begins a call's request. Those of results differ in nothing but their body. */
  HttpClient.RequestSender sender(Call call) {
    HttpClient.RequestSender known =
        call.lane() == Call.Lane.UPDATES ? results.get(call.uri()) : null;
    return known != null
        ? known
        : Objects.requireNonNull(clients.get(call.lane())).request(call.method()).uri(call.uri());
  }

  /**
   * Where the deadlines are kept: apart from the event loops, so that one that hangs hides none.
   */
  Scheduler timer() {
    return timer;
  }

  Deadlines deadlines() {
    return deadlines;
  }

  int open() {
    return open.size();
  }

  boolean isClosed() {
    return closed;
  }

  Mono<Void> close() {
    return closing;
  }

  private void addLane(
      Call.Lane lane, int size, ConductorSpec.Parts parts, @Nullable SslContext tls) {
    ConnectionProvider pool = pool(lane, size, parts);
    pools.put(lane, pool);
    clients.put(lane, client(pool, parts, tls));
  }

  private ConnectionProvider pool(Call.Lane lane, int size, ConductorSpec.Parts parts) {
    Duration maxLifetime = parts.pools().maxLifetime();
    // The pool's own jitter only shortens.
    Duration longest = Duration.ofMillis((long) (maxLifetime.toMillis() * (1 + JITTER)));
    return ConnectionProvider.builder("holdfast-" + parts.region() + "-" + lane)
        .maxConnections(size)
        .pendingAcquireMaxCount(MAX_WAITING)
        .pendingAcquireTimeout(parts.deadlines().acquire())
        .pendingAcquireTimer(
            (task, delay) -> timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS))
        .maxIdleTime(parts.pools().maxIdle())
        .maxLifeTime(longest)
        .maxLifeTimeVariance(100 * 2 * JITTER / (1 + JITTER))
        .evictInBackground(parts.pools().maxIdle().dividedBy(2), timer)
        .lifo()
        .build();
  }

  private HttpClient client(
      ConnectionProvider pool, ConductorSpec.Parts parts, @Nullable SslContext tls) {
    Endpoint server = parts.server();
    // Made once: given host and port, the client makes it several times for each call.
    InetSocketAddress address = AddressUtils.createUnresolved(server.host(), server.port());
    Duration connect = parts.deadlines().connect();
    HttpClient client =
        HttpClient.create(pool)
            .remoteAddress(() -> address)
            .runOn(loops)
            .resolver(resolver)
            .disableRetry(true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connect.toMillis())
            .option(ChannelOption.SO_KEEPALIVE, true)
            .headers(headers -> headers.set(HttpHeaderNames.USER_AGENT, AGENT))
            .doOnChannelInit((observer, channel, remote) -> open.add(channel))
            .doOnRequest(
                (request, connection) -> prepare(request, connection.channel().eventLoop()));
    if (tls != null) {
      SslContext context = tls;
      client = client.secure(ssl -> ssl.sslContext(context).handshakeTimeout(connect));
    }
    Endpoint proxy = parts.proxy();
    if (proxy != null) {
      // Names are the proxy's to resolve: often nobody else can.
      client =
          client
              .resolver(NoopAddressResolverGroup.INSTANCE)
              .proxy(
                  spec ->
                      spec.type(ProxyProvider.Proxy.HTTP)
                          .host(proxy.host())
                          .port(proxy.port())
                          .connectTimeoutMillis(connect.toMillis()));
    }
    return client;
  }

  /** The last step before the request goes out. */
  private static void prepare(HttpClientRequest request, EventLoop loop) {
    Exchange exchange = request.currentContextView().get(Exchange.class);
    RequestBody body = exchange.body();
    if (body != null) {
      request.header(HttpHeaderNames.CONTENT_TYPE, body.contentType());
    }
    String token = exchange.token();
    if (token != null) {
      request.header(TOKEN_HEADER, token);
    }
    exchange.markSent(loop);
  }

  /** Cuts what is in flight, then ends the threads that have told the callers so. */
  private Mono<Void> closeOnce() {
    closed = true;
    return FutureMono.from(open.close())
        .then(Mono.when(pools.values().stream().map(ConnectionProvider::disposeLater).toList()))
        .timeout(GRACE, Mono.empty(), timer)
        .then(Mono.fromRunnable(resolver::close))
        .then(loops.disposeLater(Duration.ZERO, GRACE))
        .doFinally(signal -> timer.dispose());
  }
}
