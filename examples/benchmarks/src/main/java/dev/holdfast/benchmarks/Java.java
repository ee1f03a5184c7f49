package dev.holdfast.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A JDK on this machine.
 *
 * @param command what runs it
 * @param version its full version
 */
record Java(String command, String version) {

  /** Where to say which JDK of 21 or newer to take. */
  static final String HOME_VARIABLE = "JAVA25_HOME";

  private static final int LEAST = 21;

  /** The one that runs this. */
  static Java own() {
    return new Java(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        Runtime.version().toString());
  }

  /** The newest one of 21 or newer: the one named, else of the usual places. */
  static Optional<Java> newer(Optional<String> named, List<Path> places) {
    if (named.isPresent()) {
      return at(Path.of(named.get())).filter(Java::isNewer);
    }
    return places.stream()
        .flatMap(Java::homes)
        .flatMap(home -> at(home).stream())
        .filter(Java::isNewer)
        .max(
            (a, b) -> Runtime.Version.parse(a.version).compareTo(Runtime.Version.parse(b.version)));
  }

  private boolean isNewer() {
    return Runtime.Version.parse(version).feature() >= LEAST;
  }

  private static Stream<Path> homes(Path place) {
    try (Stream<Path> homes = Files.isDirectory(place) ? Files.list(place) : Stream.empty()) {
      return homes.sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every JDK says its version in a file. */
  private static Optional<Java> at(Path home) {
    Path command = home.resolve("bin/java");
    Path release = home.resolve("release");
    if (!Files.isExecutable(command) || !Files.isReadable(release)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(release)) {
      return lines
          .filter(
              line -> line.startsWith("JAVA_RUNTIME_VERSION=") || line.startsWith("JAVA_VERSION="))
          .sorted()
          .map(line -> line.substring(line.indexOf('=') + 1).replace("\"", ""))
          .findFirst()
          .map(version -> new Java(command.toString(), version));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
