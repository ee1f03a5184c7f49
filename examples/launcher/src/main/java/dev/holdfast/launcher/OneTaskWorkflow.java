package dev.holdfast.launcher;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The definitions behind {@code submit}: a task type, and a workflow of the same name with that
 * task alone. Conductor has no way to pass a whole input on, so the workflow names each member of
 * it.
 */
final class OneTaskWorkflow {

  private static final String OWNER = "submit@holdfast.example.com";
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern UNFIT = Pattern.compile("['\"\\\\{}$\\p{Cntrl}]");

  private final String name;

  OneTaskWorkflow(String name) {
    this.name = name;
  }

  /** Whether a member of this name can be named in a workflow. */
  static boolean canPass(String member) {
    return !member.isEmpty() && !UNFIT.matcher(member).find();
  }

  /**
   * A list with the task's definition.
   *
   * @param patience how long the server waits for a worker's answer before it retries
   */
  Object task(Duration patience) {
    return List.of(
        Map.of(
            "name",
            name,
            "description",
            "registered by holdfast submit",
            "ownerEmail",
            OWNER,
            "retryCount",
            3,
            "retryLogic",
            "FIXED",
            "retryDelaySeconds",
            1,
            "timeoutSeconds",
            0,
            "timeoutPolicy",
            "TIME_OUT_WF",
            "responseTimeoutSeconds",
            patience.toSeconds()));
  }

  /** A list with the workflow's definition, which passes these members on. */
  Object workflow(Set<String> members) {
    Map<String, String> inputs = new LinkedHashMap<>();
    new TreeSet<>(members).forEach(member -> inputs.put(member, reference(member)));
    return List.of(
        Map.of(
            "name",
            name,
            "description",
            "registered by holdfast submit",
            "version",
            1,
            "schemaVersion",
            2,
            "ownerEmail",
            OWNER,
            "timeoutSeconds",
            0,
            "tasks",
            List.of(
                Map.of(
                    "name", name,
                    "taskReferenceName", name,
                    "type", "SIMPLE",
                    "inputParameters", inputs))));
  }

  /**
   * What to register so that these members reach the task: all that the workflow passes on and
   * these, or nothing if it passes them on already, or if it is somebody else's and not to be
   * touched.
   */
  Optional<Set<String>> missing(JsonNode registered, Set<String> members) {
    if (!registered.path("ownerEmail").asString("").equals(OWNER)) {
      return Optional.empty();
    }
    Set<String> passed = new TreeSet<>();
    passed.addAll(registered.path("tasks").path(0).path("inputParameters").propertyNames());
    return passed.addAll(members) ? Optional.of(passed) : Optional.empty();
  }

  private static String reference(String member) {
    return PLAIN.matcher(member).matches()
        ? "${workflow.input." + member + "}"
        : "${workflow.input['" + member + "']}";
  }
}
