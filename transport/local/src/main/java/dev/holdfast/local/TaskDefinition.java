package dev.holdfast.local;

import dev.holdfast.local.Refusal.Flaw;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is known of a task type, with Conductor's defaults.
 *
 * @param json all of it, as it is served
 */
record TaskDefinition(
    String name,
    String json,
    int retryCount,
    RetryLogic retryLogic,
    int retryDelaySeconds,
    int backoffScaleFactor,
    long timeoutSeconds,
    TimeoutPolicy timeoutPolicy,
    long responseTimeoutSeconds,
    int pollTimeoutSeconds,
    String inputTemplate) {

  /** How the delays before retries grow. */
  enum RetryLogic {
    FIXED,
    EXPONENTIAL_BACKOFF,
    LINEAR_BACKOFF
  }

  /** What the hard timeout does. */
  enum TimeoutPolicy {
    RETRY,
    TIME_OUT_WF,
    ALERT_ONLY
  }

  static final int MAX_RETRIES = 1_000;

  private static final long DEFAULT_RESPONSE_TIMEOUT = 3_600;
  private static final Set<String> KNOWN =
      Set.of(
          "name",
          "description",
          "ownerEmail",
          "ownerApp",
          "createTime",
          "updateTime",
          "createdBy",
          "updatedBy",
          "inputKeys",
          "outputKeys",
          "retryCount",
          "retryLogic",
          "retryDelaySeconds",
          "backoffScaleFactor",
          "timeoutSeconds",
          "timeoutPolicy",
          "responseTimeoutSeconds",
          "pollTimeoutSeconds",
          "inputTemplate",
          // Says nothing without rateLimitPerFrequency.
          "rateLimitFrequencyInSeconds");

  /**
   * Reads a definition and fills in what it does not say.
   *
   * @param path where it stands in the request, for the errors
   */
  static TaskDefinition read(ObjectNode given, String path, List<Flaw> flaws) {
    TaskDefinition definition = of(given);
    if (definition.name.isBlank()) {
      flaws.add(Flaw.of(path + ".name", "TaskDef name cannot be null or empty"));
    }
    if (new Fields(given).text("ownerEmail").isBlank()) {
      flaws.add(Flaw.of(path + ".ownerEmail", "ownerEmail cannot be empty"));
    }
    definition.check(path, flaws);
    return definition;
  }

  /** What a task type is that nobody has defined. */
  static TaskDefinition undefined(String name) {
    return of(Json.object().put("name", name).put("retryDelaySeconds", 60));
  }

  /** From the text that {@link #json} gave. */
  static TaskDefinition parse(String json) {
    return of(Json.object(json));
  }

  private static TaskDefinition of(ObjectNode given) {
    Fields fields = new Fields(given);
    String name = fields.text("name");
    int retryCount = fields.integer("retryCount", 3);
    RetryLogic logic = fields.constant("retryLogic", RetryLogic.class, RetryLogic.FIXED);
    int delay = fields.integer("retryDelaySeconds", 60);
    int scale = fields.integer("backoffScaleFactor", 1);
    long timeout = fields.number("timeoutSeconds", 0);
    TimeoutPolicy policy =
        fields.constant("timeoutPolicy", TimeoutPolicy.class, TimeoutPolicy.TIME_OUT_WF);
    long response = fields.number("responseTimeoutSeconds", DEFAULT_RESPONSE_TIMEOUT);
    int poll = fields.integer("pollTimeoutSeconds", 0);
    String template = fields.object("inputTemplate");
    ObjectNode full = Json.object();
    full.put("createTime", fields.number("createTime", 0));
    full.put("updateTime", fields.number("updateTime", 0));
    full.setAll(given);
    full.put("name", name)
        .put("retryCount", retryCount)
        .put("timeoutSeconds", timeout)
        .put("timeoutPolicy", policy.name())
        .put("retryLogic", logic.name())
        .put("retryDelaySeconds", delay)
        .put("responseTimeoutSeconds", response)
        .put("backoffScaleFactor", scale)
        .put("rateLimitPerFrequency", fields.integer("rateLimitPerFrequency", 0))
        .put("rateLimitFrequencyInSeconds", fields.integer("rateLimitFrequencyInSeconds", 1))
        .put("totalTimeoutSeconds", fields.number("totalTimeoutSeconds", 0))
        .put("enforceSchema", fields.flag("enforceSchema"));
    full.set("inputTemplate", Json.object(template));
    for (String keys : List.of("inputKeys", "outputKeys")) {
      if (!full.path(keys).isArray()) {
        full.putArray(keys);
      }
    }
    return new TaskDefinition(
        name,
        Json.text(full),
        retryCount,
        logic,
        delay,
        scale,
        timeout,
        policy,
        response,
        poll,
        template);
  }

  /** This definition with its times. */
  TaskDefinition at(long created, long updated) {
    return of(Json.object(json).put("createTime", created).put("updateTime", updated));
  }

  long createTime() {
    return Json.object(json).path("createTime").asLong(0);
  }

  /** What is set and has no effect here. */
  List<String> ignored() {
    return new Fields(Json.object(json)).beyond(KNOWN);
  }

  private void check(String path, List<Flaw> flaws) {
    if (retryCount < 0 || retryCount > MAX_RETRIES) {
      flaws.add(
          new Flaw(
              path + ".retryCount",
              "TaskDef retryCount: " + retryCount + " must be from 0 to " + MAX_RETRIES,
              Integer.toString(retryCount)));
    }
    if (responseTimeoutSeconds < 1) {
      flaws.add(
          new Flaw(
              path + ".responseTimeoutSeconds",
              "TaskDef responseTimeoutSeconds: "
                  + responseTimeoutSeconds
                  + " should be minimum 1 second",
              Long.toString(responseTimeoutSeconds)));
    }
    if (backoffScaleFactor < 1) {
      flaws.add(
          new Flaw(
              path + ".backoffScaleFactor",
              "TaskDef backoffScaleFactor: " + backoffScaleFactor + " must be 1 or more",
              Integer.toString(backoffScaleFactor)));
    }
    if (timeoutSeconds > 0 && responseTimeoutSeconds > timeoutSeconds) {
      flaws.add(
          Flaw.of(
              path,
              "TaskDef: "
                  + Line.of(name)
                  + " responseTimeoutSeconds: "
                  + responseTimeoutSeconds
                  + " must be less than timeoutSeconds: "
                  + timeoutSeconds));
    }
    for (String expression : Expressions.unfit(Json.object(inputTemplate), Set.of())) {
      flaws.add(Flaw.of(path + ".inputTemplate", expression + " is not valid"));
    }
  }

  /** How many seconds after the end of an attempt its retry may begin. */
  int delaySecondsAfter(int retries) {
    long delay = Math.max(0, retryDelaySeconds);
    long grown =
        switch (retryLogic) {
          case FIXED -> delay;
          case LINEAR_BACKOFF -> saturated(saturated(delay, backoffScaleFactor), retries + 1L);
          case EXPONENTIAL_BACKOFF -> saturated(delay, retries >= 31 ? 1L << 31 : 1L << retries);
        };
    return (int) grown;
  }

  private static long saturated(long a, long b) {
    return Math.min(a * Math.min(b, Integer.MAX_VALUE), Integer.MAX_VALUE);
  }
}
