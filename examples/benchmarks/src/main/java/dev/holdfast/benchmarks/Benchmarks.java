package dev.holdfast.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The command: measures all subjects in turn in one run, prints and writes what came out, and ends
 * with 1 if a target was missed, with 2 if it was told something wrong.
 */
public final class Benchmarks {

  private static final String NO_PEER =
      "its jars are not there: examples/benchmarks/run fetches them";
  private static final List<Path> JDKS =
      List.of(
          Path.of("/usr/lib/jvm"),
          Path.of(System.getProperty("user.home"), ".sdkman/candidates/java"));

  private final Path home;
  private final Arguments arguments;
  private final Cores cores;
  private final Results results = new Results();
  private final Optional<Java> newer =
      Java.newer(Optional.ofNullable(System.getenv(Java.HOME_VARIABLE)), JDKS);

  private Benchmarks(Path home, Cores cores, Arguments arguments) {
    this.cores = cores;
    this.home = home;
    this.arguments = arguments;
  }

  /**
   * Runs it in the module's folder.
   *
   * @param args see {@code --help}
   * @throws Exception if it can't go on
   */
  public static void main(String[] args) throws Exception {
    Path home = Path.of("").toAbsolutePath();
    List<String> arguments = List.of(args);
    if (arguments.contains("--help")) {
      System.out.println(Arguments.USAGE);
      return;
    }
    int exitCode;
    try {
      exitCode = new Benchmarks(home, Cores.own(), Arguments.parse(arguments, home)).run() ? 0 : 1;
    } catch (BadArgument | IllegalStateException e) {
      System.err.println("benchmarks: " + e.getMessage());
      exitCode = 2;
    }
    System.exit(exitCode);
  }

  private boolean run() throws IOException, InterruptedException {
    Files.createDirectories(target("logs"));
    Map<Subject, Child> children = new EnumMap<>(Subject.class);
    try (Server server =
        new Server(start("server", cores.server(), Java.own(), serverArguments()))) {
      try {
        for (Subject subject : arguments.subjects()) {
          start(subject, server.api()).ifPresent(child -> children.put(subject, child));
        }
        new Contest(server, children, cores, arguments, results, System.err).run();
      } finally {
        children.values().forEach(Child::close);
      }
    }
    List<Gate> gates = (arguments.quick() ? Targets.QUICK : Targets.FULL).gates(results);
    Report report = new Report(results, gates, setting());
    System.out.print(report.plain());
    Path output = arguments.output();
    if (output != null) {
      Files.createDirectories(output);
      Files.writeString(output.resolve("results.md"), report.markdown());
      Files.writeString(output.resolve("results.svg"), Plot.of(results));
    }
    return gates.stream().noneMatch(Gate::isMissed);
  }

  private Optional<Child> start(Subject subject, String url) {
    Java java = Java.own();
    String classPath = System.getProperty("java.class.path");
    if (subject.code == Subject.Code.OFFICIAL_4 || subject.code == Subject.Code.OFFICIAL_6) {
      boolean six = subject.code == Subject.Code.OFFICIAL_6;
      if (six && newer.isEmpty()) {
        results.absent(subject, "no JDK 21 or newer (" + Java.HOME_VARIABLE + " names one)");
        return Optional.empty();
      }
      Path jars = home.resolve("peer/target/jars-" + (six ? "6.0.0" : "4.0.8"));
      if (!Files.isDirectory(jars)) {
        results.absent(subject, NO_PEER);
        return Optional.empty();
      }
      java = six ? newer.orElseThrow() : java;
      classPath =
          Stream.of(target("classes"), home.resolve("peer/target/classes"), jars.resolve("*"))
              .map(Path::toString)
              .reduce((a, b) -> a + File.pathSeparator + b)
              .orElseThrow();
    }
    List<String> command = new ArrayList<>();
    if (subject == arguments.profiled()) {
      command.add("-XX:StartFlightRecording=settings=profile,filename=" + target(subject + ".jfr"));
    }
    command.addAll(
        List.of(
            "-cp",
            classPath,
            "dev.holdfast.benchmarks.subject.SubjectProcess",
            subject.code.className,
            url,
            subject.variant));
    Child child = start(subject.id, cores.worker(), java, command);
    for (String line = child.answer(); !line.equals("ready"); line = child.answer()) {
      // A JVM that records says so first.
      System.err.println(line);
    }
    return Optional.of(child);
  }

  private static List<String> serverArguments() {
    return List.of(
        "-cp", System.getProperty("java.class.path"), "dev.holdfast.benchmarks.server.StandIn");
  }

  private Child start(String name, int core, Java java, List<String> command) {
    File log = target("logs").resolve(name + ".log").toFile();
    return Child.start(name, core, java.command(), command, log);
  }

  private Path target(String name) {
    return home.resolve("target").resolve(name);
  }

  private Map<String, String> setting() throws IOException {
    Map<String, String> setting = new LinkedHashMap<>();
    setting.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    setting.put("machine", machine());
    setting.put(
        "JDKs",
        Java.own().version()
            + newer
                .map(java -> ", and " + java.version() + " for the official client 6.0.0")
                .orElse(""));
    setting.put("JVM options of all", String.join(" ", Child.JVM));
    setting.put(
        "rounds",
        arguments.rounds() + " of " + arguments.seconds() + " s each, in turn, after warm-up");
    return setting;
  }

  private static String machine() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      String model =
          lines
              .filter(line -> line.startsWith("model name"))
              .map(line -> line.substring(line.indexOf(':') + 1).strip())
              .findFirst()
              .orElse("unknown CPU");
      return Runtime.getRuntime().availableProcessors()
          + " cores of "
          + model
          + ", "
          + System.getProperty("os.name")
          + " "
          + System.getProperty("os.version")
          + "; server on one core, worker on another";
    }
  }
}
