package dev.holdfast.launcher;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/** Where SIGTERM and SIGINT come from. */
@FunctionalInterface
interface Signals {

  /**
   * Calls the handler for each signal, with its name, on a thread of its own, instead of ending the
   * process.
   *
   * @throws IllegalStateException if this process can't handle signals (java -Xrs)
   */
  void handle(Consumer<String> handler);

  /**
   * The signals of this process. The JDK's only interface for them is {@code sun.misc.Signal};
   * every mention of it is a compiler warning that can't be switched off, hence the reflection.
   */
  static Signals ofProcess() {
    return handler -> {
      try {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> receiver = Class.forName("sun.misc.SignalHandler");
        for (String name : new String[] {"TERM", "INT"}) {
          Object proxy =
              Proxy.newProxyInstance(
                  Signals.class.getClassLoader(),
                  new Class<?>[] {receiver},
                  (self, method, arguments) ->
                      switch (method.getName()) {
                        case "handle" -> {
                          handler.accept("SIG" + name);
                          yield null;
                        }
                        case "equals" -> self == arguments[0];
                        case "hashCode" -> System.identityHashCode(self);
                        default -> "the handler of SIG" + name;
                      });
          signal
              .getMethod("handle", signal, receiver)
              .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        }
      } catch (InvocationTargetException e) {
        throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e.toString(), e);
      }
    };
  }
}
