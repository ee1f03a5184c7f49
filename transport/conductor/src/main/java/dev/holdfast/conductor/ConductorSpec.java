package dev.holdfast.conductor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link ConductorTaskClient}. Immutable: each wither returns a copy. A value that
 * can't be is refused at once with an {@link IllegalArgumentException} that names it.
 *
 * <p>No call hangs. These deadlines hold for each one, whatever the server does; a poll's last two
 * are extended by the time that it lets the server wait:
 *
 * <table class="striped">
 *   <caption>The deadlines of a call</caption>
 *   <thead>
 *     <tr>
 *       <th scope="col">option</th><th scope="col">default</th>
 *       <th scope="col">bounds</th><th scope="col">when it passes</th>
 *     </tr>
 *   </thead>
 *   <tbody>
 *     <tr>
 *       <th scope="row">{@link #acquireTimeout}</th><td>5 s</td>
 *       <td>the wait for a connection while all of the pool are in use</td>
 *       <td>unreachable, certainly not applied</td>
 *     </tr>
 *     <tr>
 *       <th scope="row">{@link #connectTimeout}</th><td>5 s</td>
 *       <td>DNS query, TCP connect, proxy's answer and TLS handshake, each</td>
 *       <td>unreachable, certainly not applied</td>
 *     </tr>
 *     <tr>
 *       <th scope="row">{@link #responseTimeout}</th><td>10 s</td>
 *       <td>the server's silence: before the first byte and between any two</td>
 *       <td>unreachable, maybe applied</td>
 *     </tr>
 *     <tr>
 *       <th scope="row">{@link #totalTimeout}</th><td>15 s</td>
 *       <td>the whole call, a token's refresh included</td>
 *       <td>unreachable, maybe applied if the request had gone out</td>
 *     </tr>
 *     <tr>
 *       <th scope="row">{@link #maxIdle}</th><td>30 s</td>
 *       <td>how long an unused connection is kept; below the server's own limit</td>
 *       <td>closed; no call notices</td>
 *     </tr>
 *     <tr>
 *       <th scope="row">{@link #maxLifetime}</th><td>10 min ± 20 %</td>
 *       <td>how long a connection is used, so that DNS and load balancers are followed</td>
 *       <td>closed after its call; no call notices</td>
 *     </tr>
 *   </tbody>
 * </table>
 */
public final class ConductorSpec {

  private static final Duration LONGEST = Duration.ofHours(24);
  private static final int MIN_TASK_BYTES = 1024;
  private static final int MAX_TASK_BYTES = 1 << 30;

  private final Parts parts;

  private ConductorSpec(Parts parts) {
    this.parts = parts;
  }

  /**
   * The default options for a server.
   *
   * @param baseUrl the URL of its API, base path included, such as {@code
   *     http://127.0.0.1:8080/api}: http or https, with no query, fragment or credentials
   * @return the options
   * @throws IllegalArgumentException if it is no such URL
   */
  public static ConductorSpec of(String baseUrl) {
    Endpoint server = Endpoint.server(Objects.requireNonNull(baseUrl, "baseUrl"));
    return new ConductorSpec(
        new Parts(
            server,
            server.address(),
            null,
            null,
            null,
            null,
            4 << 20,
            new Deadlines(
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(15)),
            new Pools(64, 32, 8, Duration.ofSeconds(30), Duration.ofMinutes(10)),
            Math.min(Runtime.getRuntime().availableProcessors(), 4)));
  }

  /**
   * Sets the name of this server, by which attempts remember who leased them.
   *
   * @param name the name; host and port by default
   * @return a copy
   */
  public ConductorSpec region(String name) {
    Parts p = parts;
    return new ConductorSpec(
        new Parts(
            p.server,
            name,
            p.credentials,
            p.trust,
            p.clientCertificate,
            p.proxy,
            p.maxTaskBytes,
            p.deadlines,
            p.pools,
            p.ioThreads));
  }

  /**
   * Sets the key with which to get tokens. A server that answers 404 for them has authentication
   * off, and is called without.
   *
   * @param keyId the id of the key
   * @param secret its secret; in no log, message or {@link #toString}
   * @return a copy
   */
  public ConductorSpec token(String keyId, String secret) {
    return with(new Credentials(keyId, secret), parts.trust, parts.clientCertificate, parts.proxy);
  }

  /**
   * Sets whom to trust instead of the system's certificate authorities. Used with https only. The
   * file is read when the client is created.
   *
   * @param caPem certificates in PEM form
   * @return a copy
   */
  public ConductorSpec trust(Path caPem) {
    Objects.requireNonNull(caPem, "caPem");
    return with(parts.credentials, caPem, parts.clientCertificate, parts.proxy);
  }

  /**
   * Sets the certificate that this client shows. Used with https only. The files are read when the
   * client is created.
   *
   * @param certPem the certificate, with its chain, in PEM form
   * @param keyPem its unencrypted private key in PEM form, PKCS#8
   * @return a copy
   */
  public ConductorSpec clientCertificate(Path certPem, Path keyPem) {
    return with(
        parts.credentials, parts.trust, new ClientCertificate(certPem, keyPem), parts.proxy);
  }

  /**
   * Sets the HTTP proxy to go through, by CONNECT.
   *
   * @param url such as {@code http://proxy.example:3128}
   * @return a copy
   */
  public ConductorSpec proxy(String url) {
    Objects.requireNonNull(url, "url");
    return with(parts.credentials, parts.trust, parts.clientCertificate, Endpoint.proxy(url));
  }

  /**
   * Sets how large a task may be. A larger one is handed out as {@link
   * dev.holdfast.client.Polled.Unusable}; the rest of its poll is not affected.
   *
   * @param bytes from 1 KiB to 1 GiB, 4 MiB by default; a poll holds at most one task of that size
   *     while it reads
   * @return a copy
   */
  public ConductorSpec maxTaskBytes(int bytes) {
    return with(bytes, parts.deadlines, parts.pools, parts.ioThreads);
  }

  /**
   * Sets how long a DNS query, a TCP connect, a proxy's answer and a TLS handshake may take each.
   *
   * @param timeout more than zero
   * @return a copy
   */
  public ConductorSpec connectTimeout(Duration timeout) {
    Deadlines d = parts.deadlines;
    return with(new Deadlines(timeout, d.acquire, d.response, d.total));
  }

  /**
   * Sets how long a call waits for a connection while all of its pool are in use.
   *
   * @param timeout more than zero
   * @return a copy
   */
  public ConductorSpec acquireTimeout(Duration timeout) {
    Deadlines d = parts.deadlines;
    return with(new Deadlines(d.connect, timeout, d.response, d.total));
  }

  /**
   * Sets how long the server may be silent, beyond the time that a poll lets it wait.
   *
   * @param timeout more than zero
   * @return a copy
   */
  public ConductorSpec responseTimeout(Duration timeout) {
    Deadlines d = parts.deadlines;
    return with(new Deadlines(d.connect, d.acquire, timeout, d.total));
  }

  /**
   * Sets how long a call may take in all, beyond the time that a poll lets the server wait.
   *
   * @param timeout more than zero
   * @return a copy
   */
  public ConductorSpec totalTimeout(Duration timeout) {
    Deadlines d = parts.deadlines;
    return with(new Deadlines(d.connect, d.acquire, d.response, timeout));
  }

  /**
   * Sets how long an unused connection is kept. It should be below the server's own limit, or a
   * call may meet a connection that the server is just closing.
   *
   * @param time more than zero
   * @return a copy
   */
  public ConductorSpec maxIdle(Duration time) {
    Pools p = parts.pools;
    return with(new Pools(p.polls, p.updates, p.leases, time, p.maxLifetime));
  }

  /**
   * Sets how long a connection is used, give or take 20 % by chance.
   *
   * @param time more than zero
   * @return a copy
   */
  public ConductorSpec maxLifetime(Duration time) {
    Pools p = parts.pools;
    return with(new Pools(p.polls, p.updates, p.leases, p.maxIdle, time));
  }

  /**
   * Sets how many connections there may be. The pools are separate, so that waiting polls can hold
   * up neither results nor leases.
   *
   * @param polls for polls, 64 by default
   * @param updates for updates, 32 by default
   * @param leases for lease extensions and everything else, 8 by default
   * @return a copy
   */
  public ConductorSpec connections(int polls, int updates, int leases) {
    Pools p = parts.pools;
    return with(new Pools(polls, updates, leases, p.maxIdle, p.maxLifetime));
  }

  /**
   * Sets how many threads read and write.
   *
   * @param threads 1 or more; by default as many as there are cores, at most 4
   * @return a copy
   */
  public ConductorSpec ioThreads(int threads) {
    return with(parts.maxTaskBytes, parts.deadlines, parts.pools, threads);
  }

  Parts parts() {
    return parts;
  }

  /** Names the server, the region and how they are reached; the secret is left out. */
  @Override
  public String toString() {
    return "ConductorSpec" + parts;
  }

  private ConductorSpec with(Deadlines deadlines) {
    return with(parts.maxTaskBytes, deadlines, parts.pools, parts.ioThreads);
  }

  private ConductorSpec with(Pools pools) {
    return with(parts.maxTaskBytes, parts.deadlines, pools, parts.ioThreads);
  }

  private ConductorSpec with(int maxTaskBytes, Deadlines deadlines, Pools pools, int ioThreads) {
    Parts p = parts;
    return new ConductorSpec(
        new Parts(
            p.server,
            p.region,
            p.credentials,
            p.trust,
            p.clientCertificate,
            p.proxy,
            maxTaskBytes,
            deadlines,
            pools,
            ioThreads));
  }

  private ConductorSpec with(
      @Nullable Credentials credentials,
      @Nullable Path trust,
      @Nullable ClientCertificate clientCertificate,
      @Nullable Endpoint proxy) {
    Parts p = parts;
    return new ConductorSpec(
        new Parts(
            p.server,
            p.region,
            credentials,
            trust,
            clientCertificate,
            proxy,
            p.maxTaskBytes,
            p.deadlines,
            p.pools,
            p.ioThreads));
  }

  private static void checkTime(String name, Duration time) {
    Objects.requireNonNull(time, name);
    if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name + " is " + time + ": expected at least 1 ms and at most 24 h");
    }
  }

  private static void checkRange(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " is " + value + ": expected from " + min + " to " + max);
    }
  }

  private static String required(String name, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(name + " is blank: expected some text");
    }
    return value;
  }

  /** All options, checked. */
  record Parts(
      Endpoint server,
      String region,
      @Nullable Credentials credentials,
      @Nullable Path trust,
      @Nullable ClientCertificate clientCertificate,
      @Nullable Endpoint proxy,
      int maxTaskBytes,
      Deadlines deadlines,
      Pools pools,
      int ioThreads) {
    Parts {
      required("region", region);
      checkRange("maxTaskBytes", maxTaskBytes, MIN_TASK_BYTES, MAX_TASK_BYTES);
      checkRange("ioThreads", ioThreads, 1, 1024);
    }
  }

  /** How long a call may take, and its parts. */
  record Deadlines(Duration connect, Duration acquire, Duration response, Duration total) {
    Deadlines {
      checkTime("connectTimeout", connect);
      checkTime("acquireTimeout", acquire);
      checkTime("responseTimeout", response);
      checkTime("totalTimeout", total);
    }
  }

  /** How many connections there are, and for how long. */
  record Pools(int polls, int updates, int leases, Duration maxIdle, Duration maxLifetime) {
    Pools {
      checkRange("connections for polls", polls, 1, 10_000);
      checkRange("connections for updates", updates, 1, 10_000);
      checkRange("connections for leases", leases, 1, 10_000);
      checkTime("maxIdle", maxIdle);
      checkTime("maxLifetime", maxLifetime);
    }
  }

  /** What tokens are had for. */
  record Credentials(String keyId, String secret) {
    Credentials {
      required("keyId", keyId);
      required("secret", secret);
    }

    @Override
    public String toString() {
      return "Credentials[keyId=" + keyId + ", secret=***]";
    }
  }

  /** What this client shows. */
  record ClientCertificate(Path certificate, Path key) {
    ClientCertificate {
      Objects.requireNonNull(certificate, "certPem");
      Objects.requireNonNull(key, "keyPem");
    }
  }
}
