package dev.holdfast.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own on one core, that is talked to by lines. Confined to one thread. */
final class Child implements AutoCloseable {

  /**
   * The same for all. On one core a JVM chooses the serial collector and one event loop by itself;
   * that is said here so that it also holds while the warm-up lends it another core.
   */
  static final List<String> JVM =
      List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:ActiveProcessorCount=1");

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter orders;
  private final String name;
  private final File log;

  private Child(String name, Process process, File log) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.answers = process.inputReader();
    this.orders = process.outputWriter();
  }

  /** Starts one, its errors going to a file. */
  static Child start(String name, int core, String java, List<String> arguments, File log) {
    List<String> command = new ArrayList<>(List.of("taskset", "-c", Integer.toString(core), java));
    command.addAll(JVM);
    command.addAll(arguments);
    try {
      Process process = new ProcessBuilder(command).redirectError(log).start();
      return new Child(name, process, log);
    } catch (IOException e) {
      throw new UncheckedIOException("can't start " + name, e);
    }
  }

  /** Says a line and returns the one that is answered. */
  String ask(String line) {
    try {
      orders.write(line);
      orders.newLine();
      orders.flush();
    } catch (IOException e) {
      throw ended();
    }
    return answer();
  }

  /** The next line that it says. */
  String answer() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw ended();
      }
      return line;
    } catch (IOException e) {
      throw ended();
    }
  }

  /** Moves all of its threads to these cores. */
  void runOn(String cores) throws InterruptedException {
    String pid = Long.toString(process.pid());
    try {
      Process taskset =
          new ProcessBuilder("taskset", "-a", "-p", "-c", cores, pid)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      // A thread that has just ended fails it, and does no harm.
      taskset.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("can't run taskset", e);
    }
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  double cpuSeconds() {
    return ProcessFigures.cpuSeconds(handle());
  }

  @Override
  public void close() {
    try {
      orders.close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private IllegalStateException ended() {
    return new IllegalStateException("the process of " + name + " has ended: see " + log);
  }
}
