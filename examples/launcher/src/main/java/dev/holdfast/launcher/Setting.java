package dev.holdfast.launcher;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One value and where it stands, so that a refusal can name both.
 *
 * @param name the option or the variable
 * @param value what it was set to
 * @param exitCode how the command ends if the value is no good
 */
record Setting(String name, String value, int exitCode) {

  private static final int SHOWN = 80;

  int wholeNumber(int min, int max) {
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, with the bounds.
    }
    throw bad("expected a whole number from " + min + " to " + max);
  }

  Duration duration() {
    return Durations.parse(value).orElseThrow(() -> bad("expected " + Durations.EXPECTED));
  }

  /** A duration, or nothing for the word never. */
  Optional<Duration> durationOrNever() {
    if (value.equals("never")) {
      return Optional.empty();
    }
    return Optional.of(
        Durations.parse(value).orElseThrow(() -> bad("expected never, or " + Durations.EXPECTED)));
  }

  boolean flag() {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw bad("expected true or false");
    };
  }

  String name(String what) {
    if (value.isBlank()) {
      throw bad("expected " + what);
    }
    return value.strip();
  }

  /** Names with commas between them, each given once. */
  List<String> names(String what) {
    Set<String> names = new LinkedHashSet<>();
    for (String part : value.split(",", -1)) {
      String name = part.strip();
      if (name.isEmpty()) {
        throw bad("expected " + what + " with commas between them, none of them empty");
      }
      if (!names.add(name)) {
        throw bad(name + " is there twice; expected each once");
      }
    }
    return List.copyOf(names);
  }

  /** A file that can be read. A file that can't is no fault of the command line. */
  Path file(String what) {
    String problem;
    try {
      Path path = Path.of(value);
      if (Files.isRegularFile(path) && Files.isReadable(path)) {
        return path;
      }
      problem = Files.exists(path) ? "can't be read" : "does not exist";
    } catch (InvalidPathException e) {
      problem = "is no file name";
    }
    throw badFile(problem + "; expected " + what);
  }

  /** What the supplier makes of the value; its refusal becomes this setting's. */
  <T> T accept(Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      // The refusal quotes the value, and masks what is not to be shown.
      throw new BadSetting(name + ": " + e.getMessage(), exitCode);
    }
  }

  BadSetting bad(String problem) {
    return new BadSetting(shown() + ": " + problem, exitCode);
  }

  BadSetting badFile(String problem) {
    return new BadSetting(shown() + ": " + problem, ExitCode.CONFIG);
  }

  BadSetting notLanded(String what) {
    return bad(what + " has not landed yet");
  }

  private String shown() {
    String line = value.replaceAll("\\p{Cntrl}+", " ").replaceAll("//[^/?#]*@", "//***@");
    return name + "=" + (line.length() > SHOWN ? line.substring(0, SHOWN - 1) + "…" : line);
  }

  /** Names the setting only: a value may hold what is not for a log. */
  @Override
  public String toString() {
    return name;
  }
}
