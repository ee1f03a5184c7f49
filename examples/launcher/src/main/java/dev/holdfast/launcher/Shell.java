package dev.holdfast.launcher;

import java.io.PrintStream;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * What a command sees of the process that it runs in.
 *
 * @param variables the environment
 * @param out for results
 * @param err for the log and for errors
 * @param signals where SIGTERM and SIGINT come from
 * @param halt ends the process at once, with an exit code
 */
record Shell(
    Map<String, String> variables,
    PrintStream out,
    PrintStream err,
    Signals signals,
    IntConsumer halt) {

  static Shell ofProcess() {
    return new Shell(
        System.getenv(),
        System.out,
        System.err,
        Signals.ofProcess(),
        code -> Runtime.getRuntime().halt(code));
  }

  /** Leaves out what the variables hold: there are secrets among them. */
  @Override
  public String toString() {
    return "Shell";
  }
}
