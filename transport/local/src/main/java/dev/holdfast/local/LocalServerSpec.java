package dev.holdfast.local;

import dev.holdfast.store.Journal;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * The options of a {@link LocalTaskServer}. Immutable: each wither returns a copy. A value that
 * can't be is refused at once with an {@link IllegalArgumentException} that names it.
 */
public final class LocalServerSpec {

  private static final int LARGEST_BODY = 256 << 20;

  private final Parts parts;

  private LocalServerSpec(Parts parts) {
    this.parts = parts;
  }

  /**
   * The default options: port 8080 on loopback, open to whoever can reach it, state in memory.
   *
   * @return the options
   */
  public static LocalServerSpec create() {
    return new LocalServerSpec(
        new Parts(
            8080,
            "127.0.0.1",
            null,
            null,
            null,
            new Bounds(8 << 20, 1_000, 100_000, 10_000, Duration.ofHours(24))));
  }

  /**
   * Sets the port.
   *
   * @param port from 1 to 65535, or 0 for any that is free; 8080 by default
   * @return a copy
   */
  public LocalServerSpec port(int port) {
    Parts p = parts;
    return new LocalServerSpec(
        new Parts(port, p.bind, p.credentials, p.journal, p.scheduler, p.bounds));
  }

  /**
   * Sets the address to listen on. Beyond loopback, which is 127.0.0.0/8, ::1 and the name
   * localhost, the server starts only with {@linkplain #credentials credentials}.
   *
   * @param address an IP address, or {@code localhost}; 127.0.0.1 by default
   * @return a copy
   */
  public LocalServerSpec bind(String address) {
    Parts p = parts;
    return new LocalServerSpec(
        new Parts(p.port, address, p.credentials, p.journal, p.scheduler, p.bounds));
  }

  /**
   * Sets what a client must show to get a token, without which it gets nothing but the health.
   *
   * @param keyId the id of the key
   * @param secret its secret; in no log, message or {@link #toString}
   * @return a copy
   */
  public LocalServerSpec credentials(String keyId, String secret) {
    Parts p = parts;
    return new LocalServerSpec(
        new Parts(
            p.port, p.bind, new Credentials(keyId, secret), p.journal, p.scheduler, p.bounds));
  }

  /**
   * Sets where state changes are kept, and from where the state is rebuilt when the server starts.
   * It stays the giver's: the server does not close it. One server at a time may use it.
   *
   * @param journal the journal; by default each start gets a new one in memory
   * @return a copy
   */
  public LocalServerSpec journal(Journal journal) {
    Parts p = parts;
    return new LocalServerSpec(
        new Parts(
            p.port,
            p.bind,
            p.credentials,
            Objects.requireNonNull(journal, "journal"),
            p.scheduler,
            p.bounds));
  }

  /**
   * Sets where the tasks' state is kept up and where their time comes from. It stays the giver's.
   *
   * @param scheduler asked once for each start; its clock must not go back. By default the server
   *     has a thread of its own
   * @return a copy
   */
  public LocalServerSpec scheduler(Supplier<? extends Scheduler> scheduler) {
    Parts p = parts;
    return new LocalServerSpec(
        new Parts(
            p.port,
            p.bind,
            p.credentials,
            p.journal,
            Objects.requireNonNull(scheduler, "scheduler"),
            p.bounds));
  }

  /**
   * Sets how large a request's body may be. A larger one is answered with 413 and not kept.
   *
   * @param bytes from 1 KiB to 256 MiB, 8 MiB by default
   * @return a copy
   */
  public LocalServerSpec maxBodyBytes(int bytes) {
    Bounds b = parts.bounds;
    return with(new Bounds(bytes, b.connections, b.open, b.ended, b.endedAge));
  }

  /**
   * Sets how many connections there may be; one more is closed at once. Each has one request under
   * way, so it bounds the polls that wait as well.
   *
   * @param count from 1 to 100,000; 1,000 by default
   * @return a copy
   */
  public LocalServerSpec maxConnections(int count) {
    Bounds b = parts.bounds;
    return with(new Bounds(b.body, count, b.open, b.ended, b.endedAge));
  }

  /**
   * Sets how many workflows may be open, each with its one task queued or leased. While there are
   * so many, starting another is answered with 429.
   *
   * @param count from 1 to 10,000,000; 100,000 by default
   * @return a copy
   */
  public LocalServerSpec maxOpenWorkflows(int count) {
    Bounds b = parts.bounds;
    return with(new Bounds(b.body, b.connections, count, b.ended, b.endedAge));
  }

  /**
   * Sets how long ended workflows can be looked at. What is past either bound is forgotten, oldest
   * end first.
   *
   * @param count how many, from 0 to 10,000,000; 10,000 by default
   * @param age how long after their end, more than zero and at most ten years; 24 h by default
   * @return a copy
   */
  public LocalServerSpec retention(int count, Duration age) {
    Bounds b = parts.bounds;
    return with(new Bounds(b.body, b.connections, b.open, count, age));
  }

  Parts parts() {
    return parts;
  }

  /** Names the address and the bounds; the secret is left out. */
  @Override
  public String toString() {
    return "LocalServerSpec" + parts;
  }

  private LocalServerSpec with(Bounds bounds) {
    Parts p = parts;
    return new LocalServerSpec(
        new Parts(p.port, p.bind, p.credentials, p.journal, p.scheduler, bounds));
  }

  private static void checkRange(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " is " + value + ": expected from " + min + " to " + max);
    }
  }

  private static void checkText(String name, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(name + " is blank: expected some text");
    }
  }

  /** All options, checked. */
  record Parts(
      int port,
      String bind,
      @Nullable Credentials credentials,
      @Nullable Journal journal,
      @Nullable Supplier<? extends Scheduler> scheduler,
      Bounds bounds) {
    Parts {
      checkRange("port", port, 0, 65_535);
      checkText("bind", bind);
      if (!bind.equals("localhost") && NetUtil.createByteArrayFromIpAddressString(bind) == null) {
        throw new IllegalArgumentException(
            "bind is " + bind + ": expected an IP address or localhost");
      }
    }

    /** The address to listen on; no name is looked up. */
    InetAddress address() {
      byte[] bytes =
          NetUtil.createByteArrayFromIpAddressString(bind.equals("localhost") ? "127.0.0.1" : bind);
      try {
        return InetAddress.getByAddress(Objects.requireNonNull(bytes));
      } catch (UnknownHostException e) {
        throw new IllegalStateException(e);
      }
    }

    boolean isOpenToNetwork() {
      return !address().isLoopbackAddress();
    }
  }

  /** Everything that could grow. */
  record Bounds(int body, int connections, int open, int ended, Duration endedAge) {
    Bounds {
      checkRange("maxBodyBytes", body, 1_024, LARGEST_BODY);
      checkRange("maxConnections", connections, 1, 100_000);
      checkRange("maxOpenWorkflows", open, 1, 10_000_000);
      checkRange("retention's count", ended, 0, 10_000_000);
      Objects.requireNonNull(endedAge, "age");
      if (endedAge.isZero()
          || endedAge.isNegative()
          || endedAge.compareTo(Duration.ofDays(3650)) > 0) {
        throw new IllegalArgumentException(
            "retention's age is " + endedAge + ": expected more than zero and at most ten years");
      }
    }
  }

  /** What a client must show. */
  record Credentials(String keyId, String secret) {
    Credentials {
      checkText("keyId", keyId);
      checkText("secret", secret);
    }

    @Override
    public String toString() {
      return "Credentials[keyId=" + keyId + ", secret=***]";
    }
  }
}
