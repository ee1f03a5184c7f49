package dev.holdfast.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The cores that the server and the workers have: the first two that this process may use. */
record Cores(int server, int worker) {

  private static final String ALLOWED = "Cpus_allowed_list:";

  static Cores own() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return of(
          lines
              .filter(line -> line.startsWith(ALLOWED))
              .map(line -> line.substring(ALLOWED.length()).strip())
              .findFirst()
              .orElse("0-1"));
    }
  }

  /**
   * Reads the kernel's way to list cores.
   *
   * @param list such as {@code 0-3,8}
   * @throws IllegalStateException if there are fewer than two
   */
  static Cores of(String list) {
    List<Integer> cores =
        Stream.of(list.split(",", -1))
            .flatMapToInt(
                part -> {
                  String[] ends = part.split("-", -1);
                  return IntStream.rangeClosed(
                      Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
                })
            .boxed()
            .toList();
    if (cores.size() < 2) {
      throw new IllegalStateException(
          "the cores to be used are " + list + ": expected two or more, one for the server");
    }
    return new Cores(cores.get(0), cores.get(1));
  }
}
