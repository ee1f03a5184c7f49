package dev.holdfast.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** The command in this process, with an environment, streams and signals of its own. */
final class InProcess {

  private static final Duration PATIENCE = Duration.ofSeconds(45);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<Consumer<String>> handlers = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Integer> halted = new CompletableFuture<>();
  private final CompletableFuture<Integer> code;

  private InProcess(Map<String, String> variables, boolean terminal, ToIntFunction<Shell> command) {
    Shell shell =
        new Shell(
            variables,
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            terminal,
            handlers::add,
            halted::complete);
    code = new CompletableFuture<>();
    Thread thread =
        new Thread(() -> code.complete(command.applyAsInt(shell)), "command under test");
    thread.setDaemon(true);
    thread.start();
  }

  static InProcess start(Map<String, String> variables, String... arguments) {
    return new InProcess(variables, false, shell -> Holdfast.run(shell, arguments));
  }

  static InProcess start(String... arguments) {
    return start(Map.of(), arguments);
  }

  /** A part of the command, on a terminal or not. */
  static InProcess start(
      Map<String, String> variables, boolean terminal, ToIntFunction<Shell> command) {
    return new InProcess(variables, terminal, command);
  }

  /** Sends the command a signal. */
  void signal(String name) {
    await(() -> !handlers.isEmpty());
    handlers.forEach(handler -> handler.accept(name));
  }

  int exitCode() {
    return get(code);
  }

  /** The code that the command halted the process with. */
  int haltCode() {
    return get(halted);
  }

  boolean isRunning() {
    return !code.isDone();
  }

  String out() {
    return out.toString(UTF_8);
  }

  String err() {
    return err.toString(UTF_8);
  }

  void awaitOut(String text) {
    try {
      await(() -> out().contains(text));
    } catch (AssertionError e) {
      assertThat(out()).contains(text);
    }
  }

  void awaitErr(String text) {
    try {
      await(() -> err().contains(text));
    } catch (AssertionError e) {
      assertThat(err()).contains(text);
    }
  }

  static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("waited in vain for " + PATIENCE);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  /** Takes a little time, as a server does. */
  static void pause(long millis) {
    long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  private int get(CompletableFuture<Integer> future) {
    try {
      return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("still running after " + PATIENCE + "; on stderr: " + err(), e);
    } catch (ExecutionException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
