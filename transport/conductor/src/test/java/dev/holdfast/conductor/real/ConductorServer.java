package dev.holdfast.conductor.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Conductor server on loopback, with SQLite in a temporary folder. It ends with the test's
 * JVM, also when that is killed, and can be killed and started again over the same data and port.
 *
 * <p>The profile {@code conductor} names the boot jar in the system property {@code conductor.jar}
 * and the Java that runs it in {@code conductor.java}. Not thread-safe: one test at a time.
 */
public final class ConductorServer implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final int LOG_TAIL_LINES = 30;

  private final ServerProcess command;
  private final ConductorApi api;
  private final Thread closeAtExit = new Thread(this::stop, "conductor-server-stop");
  private Process process;

  private ConductorServer(ServerProcess command) {
    this.command = command;
    this.api = new ConductorApi(URI.create("http://127.0.0.1:" + command.port() + "/api"));
    Runtime.getRuntime().addShutdownHook(closeAtExit);
    this.process = command.start();
  }

  /** {@return the one server of this JVM, started by the first call and running when it returns} */
  public static ConductorServer shared() {
    ConductorServer server = Shared.SERVER;
    if (!server.process.isAlive()) {
      server.restart();
    }
    return server;
  }

  /** {@return a server of its own, running; the caller closes it} */
  public static ConductorServer start() {
    try {
      Path logs = Path.of(System.getProperty("basedir", ""), "target").toAbsolutePath();
      Files.createDirectories(logs);
      int port = freePort();
      ConductorServer server =
          new ConductorServer(
              new ServerProcess(
                  Path.of(
                      System.getProperty(
                          "conductor.java",
                          Path.of(System.getProperty("java.home"), "bin", "java").toString())),
                  jar(),
                  Files.createTempDirectory("holdfast-conductor-"),
                  port,
                  logs.resolve("conductor-server-" + port + ".log")));
      server.awaitHealthy();
      return server;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** {@return the base of the worker API, such as {@code http://127.0.0.1:20000/api}} */
  public URI baseUrl() {
    return api.base();
  }

  /** {@return the calls that set this server up and look into it} */
  public ConductorApi api() {
    return api;
  }

  /** Ends the process at once, as {@code kill -9} does, and waits until it is gone. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Kills the process if it runs, starts it over the same data and port, and waits for it. */
  public void restart() {
    kill();
    process = command.start();
    awaitHealthy();
  }

  /** Ends the process and deletes its data; the log stays. */
  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(closeAtExit);
    stop();
  }

  private void stop() {
    kill();
    try (Stream<Path> files = Files.walk(command.folder())) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void awaitHealthy() {
    long begun = System.nanoTime();
    while (!api.healthy()) {
      if (!process.isAlive()) {
        throw new IllegalStateException(
            "The server ended with " + process.exitValue() + " while starting:\n" + logTail());
      }
      if (System.nanoTime() - begun > START_LIMIT.toNanos()) {
        kill();
        throw new IllegalStateException(
            "The server is not healthy after " + START_LIMIT + ":\n" + logTail());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private String logTail() {
    try {
      List<String> lines = Files.readAllLines(command.log());
      return String.join(
          "\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static Path jar() {
    @Nullable String jar = System.getProperty("conductor.jar");
    if (jar == null) {
      throw new IllegalStateException(
          "The system property conductor.jar is not set: run with -Pconductor");
    }
    if (!Files.isRegularFile(Path.of(jar))) {
      throw new IllegalStateException(
          "conductor.jar names no file: " + jar + "; build transport/conductor too (-am)");
    }
    return Path.of(jar);
  }

  /**
   * A port below the range from which systems take the ports of outgoing connections. A client that
   * retries a dead port inside that range can connect to itself, and the restarted server cannot
   * bind it then.
   */
  private static int freePort() throws IOException {
    IOException last = new IOException("no port tried");
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return port;
      } catch (IOException taken) {
        last = taken;
      }
    }
    throw last;
  }

  private static final class Shared {
    private static final ConductorServer SERVER = start();
  }
}
