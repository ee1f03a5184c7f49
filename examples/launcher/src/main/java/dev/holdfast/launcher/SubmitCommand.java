package dev.holdfast.launcher;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Gives a server work: workflows of one task each. */
@Command(
    name = "submit",
    versionProvider = Holdfast.Version.class,
    usageHelpWidth = 80,
    synopsisHeading = "Usage: ",
    customSynopsis = "holdfast submit --server URL --task TYPE [OPTIONS]",
    header = "Start workflows of one task each.",
    descriptionHeading = "%n",
    description = {
      "Registers the task type and a workflow of one such task under the same name,",
      "if they are missing, and starts that workflow. Prints the id of each on stdout,",
      "one a line. The task's input is the workflow's.",
      "",
      "With --wait each line is an id and its final status, as they end. SIGTERM or",
      "SIGINT ends it; what was started runs on."
    },
    optionListHeading = "",
    sortOptions = false,
    footerHeading = "%nEnvironment:%n",
    footer = {
      "  HOLDFAST_<OPTION>         any option: --count is HOLDFAST_COUNT",
      "  CONDUCTOR_SERVER_URL      the server, if no option or HOLDFAST_SERVER names it",
      "  CONDUCTOR_AUTH_KEY,       the key's id and secret, for a server that wants a",
      "  CONDUCTOR_AUTH_SECRET     token; only from here, never an option",
      "An option beats HOLDFAST_..., which beats CONDUCTOR_...; empty is as not set."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:all were started; with --wait: and all have COMPLETED",
      " 1:not all were, or were waited for; the last line on stderr says why",
      " 2:the command line is wrong",
      "78:a variable of the environment or a file is wrong"
    })
final class SubmitCommand implements Callable<Integer> {

  private static final JsonMapper JSON = new JsonMapper();
  private static final int MAX_COUNT = 1_000_000;

  private final Holdfast holdfast;

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Mixin private What what = new What();

  SubmitCommand(Holdfast holdfast) {
    this.holdfast = holdfast;
  }

  /** The options that say what to start. */
  static final class What {

    @Option(names = "--task", paramLabel = "TYPE", description = "The task type.")
    private @Nullable String task;

    @Option(
        names = "--input",
        paramLabel = "JSON",
        description = "The input, a JSON object. Default: {}.")
    private @Nullable String input;

    @Option(
        names = "--count",
        paramLabel = "N",
        description = "How many workflows to start. Default: 1.")
    private @Nullable String count;

    @Option(names = "--wait", description = "Wait until all have ended.")
    private boolean wait;
  }

  @Override
  public Integer call() {
    Environment environment = holdfast.startLog();
    Connection server = connection.resolve(environment);
    String task =
        environment
            .setting("--task", what.task)
            .orElseThrow(
                () ->
                    new BadSetting(
                        "--task is missing: expected --task TYPE (or HOLDFAST_TASK)",
                        ExitCode.USAGE))
            .name("a task type");
    ObjectNode input =
        environment
            .setting("--input", what.input)
            .map(SubmitCommand::parse)
            .orElseGet(JSON::createObjectNode);
    int count =
        environment.setting("--count", what.count).map(s -> s.wholeNumber(1, MAX_COUNT)).orElse(1);
    boolean wait =
        what.wait || environment.setting("--wait", null).map(Setting::flag).orElse(false);
    Submission submission = new Submission(server, task, input, holdfast.shell());
    return submission.run(count, wait);
  }

  private static ObjectNode parse(Setting setting) {
    JsonNode value;
    try {
      value = JSON.readTree(setting.value());
    } catch (JacksonException e) {
      throw setting.bad("expected a JSON object: " + e.getOriginalMessage());
    }
    if (value instanceof ObjectNode object) {
      for (String key : object.propertyNames()) {
        if (!OneTaskWorkflow.canPass(key)) {
          throw setting.bad(
              "expected names without quotes, backslashes, braces and dollars, not " + key);
        }
      }
      return object;
    }
    throw setting.bad("expected a JSON object, such as {\"name\":\"Ada\"}");
  }
}
