package dev.holdfast.local.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What a real server 3.21.14 answered to the script: two lines a step, its name and the answer. */
final class Recording {

  private static final String RESOURCE = "conductor-3.21.14.txt";

  private Recording() {}

  static Map<String, String> read() {
    try (InputStream in =
        Objects.requireNonNull(Recording.class.getResourceAsStream(RESOURCE), RESOURCE)) {
      String[] lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1);
      Map<String, String> recorded = new LinkedHashMap<>();
      for (int i = 0; i + 1 < lines.length; i += 2) {
        recorded.put(lines[i], lines[i + 1].strip());
      }
      return recorded;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a new one over the one in the sources. */
  static void write(Map<String, String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach((step, line) -> text.append(step).append("\n  ").append(line).append('\n'));
    try {
      Path file =
          Path.of(
              System.getProperty("basedir", ""),
              "src/test/resources/dev/holdfast/local/wire",
              RESOURCE);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, text.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
