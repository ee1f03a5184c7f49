package dev.holdfast.conductor.real;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarFile;

/** How the boot jar is started: the same command for every start over one folder and port. */
record ServerProcess(Path java, Path jar, Path folder, int port, Path log) {

  Process start() {
    try {
      return new ProcessBuilder(command())
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    } catch (IOException failed) {
      throw new UncheckedIOException("Cannot start " + java, failed);
    }
  }

  private List<String> command() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.add("-Xmx1g");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1"); // a third less to start; it lives for minutes only
    command.add("-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")));
    command.add("-cp");
    command.add(watchClasses() + System.getProperty("path.separator") + jar);
    command.add(ExitWithParent.class.getName());
    command.add(mainClass());
    command.addAll(settings());
    return command;
  }

  private List<String> settings() {
    return List.of(
        "--server.port=" + port,
        "--server.address=127.0.0.1",
        "--conductor.db.type=sqlite",
        "--conductor.queue.type=sqlite",
        "--conductor.indexing.enabled=true",
        "--conductor.indexing.type=sqlite",
        "--conductor.elasticsearch.version=0",
        // Immediate transactions wait for the write lock; the default ones fail with SQLITE_BUSY
        // under concurrent polls, and the server then fails the workflow.
        "--spring.datasource.url=jdbc:sqlite:"
            + folder.resolve("conductor.db")
            + "?busy_timeout=15000&journal_mode=WAL&transaction_mode=IMMEDIATE",
        "--conductor.grpc-server.enabled=false",
        "--loadSample=false");
  }

  private String mainClass() throws IOException {
    try (JarFile boot = new JarFile(jar.toFile())) {
      return Objects.requireNonNull(
          boot.getManifest().getMainAttributes().getValue("Main-Class"), "no Main-Class in " + jar);
    }
  }

  /** A class path with the watch and nothing else: our tests' settings are not the server's. */
  private Path watchClasses() throws IOException {
    Path classes = folder.resolve("watch");
    String name = ExitWithParent.class.getName().replace('.', '/') + ".class";
    Path target = classes.resolve(name);
    if (!Files.exists(target)) {
      Files.createDirectories(Objects.requireNonNull(target.getParent()));
      try (InputStream bytes = ExitWithParent.class.getResourceAsStream("/" + name)) {
        Files.copy(Objects.requireNonNull(bytes), target);
      }
    }
    return classes;
  }
}
