package dev.holdfast.launcher;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The variables that stand in for options: an option beats its {@code HOLDFAST_} variable, which
 * beats a {@code CONDUCTOR_} one. A variable that is set to nothing counts as not set, since that
 * is what compose files and charts do with values that nobody gave.
 */
final class Environment {

  private final Map<String, String> variables;

  Environment(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  /** The setting of an option: the value given, else that of its variable. */
  Optional<Setting> setting(String option, @Nullable String given) {
    return given != null
        ? Optional.of(new Setting(option, given, ExitCode.USAGE))
        : variable(variableOf(option));
  }

  /** A variable's setting. */
  Optional<Setting> variable(String name) {
    return Optional.ofNullable(variables.get(name))
        .filter(value -> !value.isBlank())
        .map(value -> new Setting(name, value, ExitCode.CONFIG));
  }

  static String variableOf(String option) {
    return "HOLDFAST_" + option.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** Leaves out what the variables hold: there are secrets among them. */
  @Override
  public String toString() {
    return "Environment[" + variables.size() + " variables]";
  }
}
