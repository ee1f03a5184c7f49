package dev.holdfast.launcher;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the command will have and has not yet. Asking for it is an error, never a silent no-op. */
final class NotLanded {

  private static final Set<String> COMMANDS = Set.of("tail", "outbox", "supervise");

  private static final List<String> WORKER_OPTIONS =
      List.of(
          "--regions",
          "--max-store-outage",
          "--stall-timeout",
          "--no-exit-on-stall",
          "--status-port");

  private NotLanded() {}

  /** What to say of an argument that the parser does not know, if it is one to come. */
  static Optional<String> argument(String command, String argument) {
    String name = argument.contains("=") ? argument.substring(0, argument.indexOf('=')) : argument;
    if (command.equals("holdfast") && COMMANDS.contains(name)) {
      return Optional.of("the command " + name + " has not landed yet");
    }
    return command.equals("holdfast worker") && WORKER_OPTIONS.contains(name)
        ? Optional.of(name + " has not landed yet")
        : Optional.empty();
  }

  /** Refuses a variable of a worker's option that is yet to come. */
  static void refuseVariables(Environment environment) {
    for (String option : WORKER_OPTIONS) {
      environment
          .setting(option, null)
          .ifPresent(
              setting -> {
                throw setting.notLanded(option);
              });
    }
  }
}
