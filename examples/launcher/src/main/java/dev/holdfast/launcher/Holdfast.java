package dev.holdfast.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code holdfast} command. */
@Command(
    name = "holdfast",
    versionProvider = Holdfast.Version.class,
    usageHelpWidth = 80,
    synopsisHeading = "Usage: ",
    customSynopsis = "holdfast COMMAND [OPTIONS]",
    descriptionHeading = "%n",
    description = {
      "Runs workers for Conductor task servers, and gives them work. The demo shows",
      "in half a minute what that is about."
    },
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    sortOptions = false,
    footer = {
      "",
      "Results go to stdout, the log and errors to stderr.",
      "",
      "Try: holdfast demo",
      "     holdfast server",
      "     holdfast worker --server http://127.0.0.1:8080/api \\",
      "                     --task greet --handler echo",
      "     holdfast submit --server http://127.0.0.1:8080/api \\",
      "                     --task greet --input '{\"name\":\"Ada\"}' --wait"
    })
public final class Holdfast implements Callable<Integer> {

  private final Shell shell;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      scope = ScopeType.INHERIT,
      order = 100,
      description = "The log's lines: text (default), or json.")
  private @Nullable String logFormat;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      order = 101,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli asks for a place to put it
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      scope = ScopeType.INHERIT,
      order = 102,
      description = "Show the version and exit.")
  @SuppressWarnings("UnusedVariable") // picocli asks for a place to put it
  private boolean version;

  @Spec private CommandSpec spec = CommandSpec.create();

  private Holdfast(Shell shell) {
    this.shell = shell;
  }

  /**
   * Runs the command and ends the process.
   *
   * @param arguments the command line
   */
  public static void main(String[] arguments) {
    System.exit(run(Shell.ofProcess(), arguments));
  }

  /** Runs the command and answers its exit code. */
  static int run(Shell shell, String... arguments) {
    Holdfast holdfast = new Holdfast(shell);
    CommandLine line =
        new CommandLine(holdfast)
            .addSubcommand(new DemoCommand(holdfast))
            .addSubcommand(new ServerCommand(holdfast))
            .addSubcommand(new WorkerCommand(holdfast))
            .addSubcommand(new SubmitCommand(holdfast))
            .setExpandAtFiles(false)
            .setOut(new PrintWriter(shell.out(), true, UTF_8))
            .setErr(new PrintWriter(shell.err(), true, UTF_8))
            .setParameterExceptionHandler((e, ignored) -> refuse(shell, e))
            .setExecutionExceptionHandler((e, command, ignored) -> fail(shell, e, command));
    line.getSubcommands().values().forEach(Holdfast::group);
    return line.execute(arguments);
  }

  /** What is a command's own comes first in its help, what all have in common last. */
  private static void group(CommandLine command) {
    Map<String, CommandLine.IHelpSectionRenderer> sections = command.getHelpSectionMap();
    sections.put(UsageMessageSpec.SECTION_KEY_HEADER, help -> "");
    sections.put(
        UsageMessageSpec.SECTION_KEY_OPTION_LIST,
        help -> {
          String server =
              section(
                  help, "Server", option -> !option.inherited() && ConnectionOptions.has(option));
          String own =
              section(
                  help,
                  server.isEmpty() ? "Options" : "Work",
                  option -> !option.inherited() && !ConnectionOptions.has(option));
          return server + own + section(help, "Common", OptionSpec::inherited);
        });
    command.setHelpSectionMap(sections);
  }

  private static String section(Help help, String heading, Predicate<OptionSpec> which) {
    List<OptionSpec> options = help.commandSpec().options().stream().filter(which).toList();
    if (options.isEmpty()) {
      return "";
    }
    return help.createHeading("%n" + heading + ":%n") + help.optionListExcludingGroups(options);
  }

  /** Without a command there is nothing to do. */
  @Override
  public Integer call() {
    spec.commandLine().usage(shell.err());
    return ExitCode.USAGE;
  }

  Shell shell() {
    return shell;
  }

  /**
   * Sends the log where it belongs, before any library has written to it, and answers the
   * environment. The first thing that a command does.
   */
  Environment startLog() {
    return startLog(shell.err(), Level.INFO);
  }

  /** The same with a log that goes elsewhere, or says less. */
  Environment startLog(PrintStream target, Level level) {
    Environment environment = new Environment(shell.variables());
    environment
        .setting("--log-format", logFormat)
        .map(LogFormat::parse)
        .orElse(LogFormat.TEXT)
        .install(target, level);
    return environment;
  }

  private static int refuse(Shell shell, ParameterException e) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String problem = Objects.requireNonNullElse(e.getMessage(), "bad command line");
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String argument = unmatched.getUnmatched().get(0);
      problem = NotLanded.argument(name, argument).orElseGet(() -> unknown(unmatched, argument));
    }
    shell.err().println(line(name, problem));
    return ExitCode.USAGE;
  }

  private static String unknown(UnmatchedArgumentException e, String argument) {
    List<String> close = e.getSuggestions();
    Optional<String> better = close.isEmpty() ? Optional.empty() : Optional.of(close.get(0));
    return "unknown "
        + (argument.startsWith("-") ? "option " : "argument ")
        + argument
        + better.map(word -> ": did you mean " + word + "?").orElse("");
  }

  private static int fail(Shell shell, Exception e, CommandLine command) {
    if (e instanceof BadSetting bad) {
      String name = command.getCommandSpec().qualifiedName();
      shell.err().println(line(name, Objects.requireNonNull(bad.getMessage())));
      return bad.exitCode();
    }
    e.printStackTrace(shell.err());
    return ExitCode.ERROR;
  }

  private static String line(String command, String problem) {
    return command
        + ": "
        + problem.replaceAll("\\s*\\R\\s*", " ")
        + " (see "
        + command
        + " --help)";
  }

  /** Answers with the version that the jar was built as. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String built = Holdfast.class.getPackage().getImplementationVersion();
      return new String[] {"holdfast " + Objects.requireNonNullElse(built, "(not from a jar)")};
    }
  }
}
