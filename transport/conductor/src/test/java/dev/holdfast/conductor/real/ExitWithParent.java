package dev.holdfast.conductor.real;

import java.io.IOException;
import java.util.Arrays;

/**
 * Runs another main class in a process that ends when its standard input does. The pipe closes when
 * the parent dies, however it dies, so that a killed test run leaves no server behind.
 */
final class ExitWithParent {
  private ExitWithParent() {}

  public static void main(String[] args) throws ReflectiveOperationException {
    Thread watch = new Thread(ExitWithParent::haltAtEndOfInput, "exit-with-parent");
    watch.setDaemon(true);
    watch.start();
    Class.forName(args[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
  }

  private static void haltAtEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // Nobody writes; only the end counts.
      }
    } catch (IOException broken) {
      // A broken pipe means what a closed one does.
    }
    Runtime.getRuntime().halt(143);
  }
}
