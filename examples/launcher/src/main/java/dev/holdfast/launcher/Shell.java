package dev.holdfast.launcher;

import java.io.Console;
import java.io.PrintStream;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a command sees of the process that it runs in.
 *
 * @param variables the environment
 * @param out for results
 * @param err for the log and for errors
 * @param terminal whether a person sees the results as they come, on a terminal
 * @param signals where SIGTERM and SIGINT come from
 * @param halt ends the process at once, with an exit code
 */
record Shell(
    Map<String, String> variables,
    PrintStream out,
    PrintStream err,
    boolean terminal,
    Signals signals,
    IntConsumer halt) {

  static Shell ofProcess() {
    return new Shell(
        System.getenv(),
        System.out,
        System.err,
        isTerminal(System.console()),
        Signals.ofProcess(),
        code -> Runtime.getRuntime().halt(code));
  }

  /** Before JDK 22 there is a console only on a terminal; since then it has to be asked. */
  private static boolean isTerminal(@Nullable Console console) {
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /** Leaves out what the variables hold: there are secrets among them. */
  @Override
  public String toString() {
    return "Shell";
  }
}
