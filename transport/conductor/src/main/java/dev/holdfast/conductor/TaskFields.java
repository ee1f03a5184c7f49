package dev.holdfast.conductor;

import dev.holdfast.task.Payload;
import dev.holdfast.task.Task;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.sym.PropertyNameMatcher;
import tools.jackson.core.util.Named;

/**
 * The members of a task's JSON object that a worker reads. One that is missing or of a wrong type
 * keeps its default; one that is unknown is skipped.
 */
final class TaskFields {

  /**
   * What is read. Jackson compares names with these by their bytes, and makes no string of others.
   */
  private enum Member implements Named {
    TASK_ID("taskId"),
    TASK_TYPE("taskType"),
    TASK_DEF_NAME("taskDefName"),
    REFERENCE_TASK_NAME("referenceTaskName"),
    WORKFLOW_INSTANCE_ID("workflowInstanceId"),
    WORKFLOW_TYPE("workflowType"),
    CORRELATION_ID("correlationId"),
    DOMAIN("domain"),
    WORKER_ID("workerId"),
    STATUS("status"),
    EXTERNAL_INPUT_PAYLOAD_STORAGE_PATH("externalInputPayloadStoragePath"),
    RETRY_COUNT("retryCount"),
    SEQ("seq"),
    POLL_COUNT("pollCount"),
    ITERATION("iteration"),
    WORKFLOW_PRIORITY("workflowPriority"),
    SCHEDULED_TIME("scheduledTime"),
    START_TIME("startTime"),
    UPDATE_TIME("updateTime"),
    RESPONSE_TIMEOUT_SECONDS("responseTimeoutSeconds"),
    CALLBACK_AFTER_SECONDS("callbackAfterSeconds"),
    START_DELAY_IN_SECONDS("startDelayInSeconds"),
    INPUT_DATA("inputData"),
    OUTPUT_DATA("outputData"),
    RUNTIME_METADATA("runtimeMetadata"),
    WORKFLOW_TASK("workflowTask");

    static final Member[] ALL = values();
    private final String name;

    Member(String name) {
      this.name = name;
    }

    @Override
    public String getName() {
      return name;
    }
  }

  private static final PropertyNameMatcher MEMBERS = matcher(List.of(Member.ALL));
  private static final PropertyNameMatcher DEFINITION =
      matcher(List.of(Named.fromString("taskDefinition")));
  private static final PropertyNameMatcher TIMEOUT =
      matcher(List.of(Named.fromString("timeoutSeconds")));
  private static final Duration[] SECONDS = new Duration[121];

  static {
    for (int i = 0; i < SECONDS.length; i++) {
      SECONDS[i] = Duration.ofSeconds(i);
    }
  }

  private @Nullable String taskId;
  private @Nullable String taskType;
  private @Nullable String definitionName;
  private @Nullable String referenceName;
  private @Nullable String workflowId;
  private @Nullable String workflowType;
  private @Nullable String correlationId;
  private @Nullable String domain;
  private @Nullable String workerId;
  private @Nullable String status;
  private @Nullable String externalInput;
  private int retryCount;
  private int sequence;
  private int pollCount;
  private int iteration;
  private int priority;
  private long scheduledMillis;
  private long startMillis;
  private long updateMillis;
  private long responseTimeoutSeconds;
  private long hardTimeoutSeconds;
  private long callbackAfterSeconds;
  private long startDelaySeconds;
  private Payload input = Payload.empty();
  private Payload output = Payload.empty();
  private Payload runtimeMetadata = Payload.empty();
  private boolean inputIsNoObject;

  /**
   * Reads the members of the object whose start the parser stands on, up to its end.
   *
   * @param bytes what the parser reads, of which payloads are copied
   * @param from where it began to
   */
  void read(JsonParser parser, byte[] bytes, int from) {
    for (int at = parser.nextNameMatch(MEMBERS); isName(at); at = parser.nextNameMatch(MEMBERS)) {
      JsonToken token = parser.nextToken();
      if (at < 0) {
        parser.skipChildren();
      } else {
        member(Member.ALL[at], token, parser, bytes, from);
      }
    }
  }

  private void member(Member member, JsonToken token, JsonParser parser, byte[] bytes, int from) {
    switch (member) {
      case TASK_ID -> taskId = string(token, parser);
      case TASK_TYPE -> taskType = string(token, parser);
      case TASK_DEF_NAME -> definitionName = string(token, parser);
      case REFERENCE_TASK_NAME -> referenceName = string(token, parser);
      case WORKFLOW_INSTANCE_ID -> workflowId = string(token, parser);
      case WORKFLOW_TYPE -> workflowType = string(token, parser);
      case CORRELATION_ID -> correlationId = string(token, parser);
      case DOMAIN -> domain = string(token, parser);
      case WORKER_ID -> workerId = string(token, parser);
      case STATUS -> status = string(token, parser);
      case EXTERNAL_INPUT_PAYLOAD_STORAGE_PATH -> externalInput = string(token, parser);
      case RETRY_COUNT -> retryCount = integer(token, parser);
      case SEQ -> sequence = integer(token, parser);
      case POLL_COUNT -> pollCount = integer(token, parser);
      case ITERATION -> iteration = integer(token, parser);
      case WORKFLOW_PRIORITY -> priority = integer(token, parser);
      case SCHEDULED_TIME -> scheduledMillis = number(token, parser);
      case START_TIME -> startMillis = number(token, parser);
      case UPDATE_TIME -> updateMillis = number(token, parser);
      case RESPONSE_TIMEOUT_SECONDS -> responseTimeoutSeconds = number(token, parser);
      case CALLBACK_AFTER_SECONDS -> callbackAfterSeconds = number(token, parser);
      case START_DELAY_IN_SECONDS -> startDelaySeconds = number(token, parser);
      case INPUT_DATA -> {
        inputIsNoObject = token != JsonToken.START_OBJECT && token != JsonToken.VALUE_NULL;
        input = payload(token, parser, bytes, from);
      }
      case OUTPUT_DATA -> output = payload(token, parser, bytes, from);
      case RUNTIME_METADATA -> runtimeMetadata = payload(token, parser, bytes, from);
      case WORKFLOW_TASK -> workflowTask(token, parser);
    }
  }

  @Nullable String taskId() {
    return taskId;
  }

  @Nullable String workflowId() {
    return workflowId;
  }

  @Nullable String status() {
    return status;
  }

  @Nullable String workerId() {
    return workerId;
  }

  int pollCount() {
    return pollCount;
  }

  boolean inputIsNoObject() {
    return inputIsNoObject;
  }

  boolean inputIsElsewhere() {
    return externalInput != null && !externalInput.isEmpty();
  }

  void dropPayloads() {
    input = Payload.empty();
    output = Payload.empty();
    runtimeMetadata = Payload.empty();
  }

  /** The task; null if its id was not read. */
  @Nullable Task task(@Nullable String polledType) {
    if (taskId == null || taskId.isBlank()) {
      return null;
    }
    return Task.builder(taskId, firstOf(taskType, polledType, definitionName))
        .definitionName(orEmpty(definitionName))
        .referenceName(orEmpty(referenceName))
        .workflowId(orEmpty(workflowId))
        .workflowType(orEmpty(workflowType))
        .correlationId(correlationId)
        .domain(domain)
        .workerId(workerId)
        .retryCount(retryCount)
        .sequence(sequence)
        .pollCount(pollCount)
        .iteration(iteration)
        .priority(priority)
        .scheduledMillis(scheduledMillis)
        .startMillis(startMillis)
        .updateMillis(updateMillis)
        .responseTimeout(seconds(responseTimeoutSeconds))
        .hardTimeout(seconds(hardTimeoutSeconds))
        .callbackAfter(seconds(callbackAfterSeconds))
        .startDelay(seconds(startDelaySeconds))
        .input(input)
        .output(output)
        .runtimeMetadata(runtimeMetadata)
        .build();
  }

  private void workflowTask(JsonToken token, JsonParser parser) {
    if (token != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    for (int at = parser.nextNameMatch(DEFINITION);
        isName(at);
        at = parser.nextNameMatch(DEFINITION)) {
      JsonToken value = parser.nextToken();
      if (at >= 0 && value == JsonToken.START_OBJECT) {
        taskDefinition(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void taskDefinition(JsonParser parser) {
    for (int at = parser.nextNameMatch(TIMEOUT); isName(at); at = parser.nextNameMatch(TIMEOUT)) {
      JsonToken value = parser.nextToken();
      if (at >= 0) {
        hardTimeoutSeconds = number(value, parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private static PropertyNameMatcher matcher(List<Named> names) {
    return TaskReader.JSON.constructNameMatcher(names, false);
  }

  private static boolean isName(int match) {
    return match >= 0 || match == PropertyNameMatcher.MATCH_UNKNOWN_NAME;
  }

  private static @Nullable String string(JsonToken token, JsonParser parser) {
    if (token == JsonToken.VALUE_STRING) {
      return parser.getString();
    }
    parser.skipChildren();
    return null;
  }

  private static long number(JsonToken token, JsonParser parser) {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      return switch (parser.getNumberType()) {
        case INT, LONG -> Math.max(0, parser.getLongValue());
        default -> 0;
      };
    }
    parser.skipChildren();
    return 0;
  }

  private static int integer(JsonToken token, JsonParser parser) {
    long value = number(token, parser);
    return value <= Integer.MAX_VALUE ? (int) value : 0;
  }

  /** The object as the bytes that came; empty for anything else. */
  private static Payload payload(JsonToken token, JsonParser parser, byte[] bytes, int from) {
    if (token != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return Payload.empty();
    }
    int start = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    int end = (int) parser.currentLocation().getByteOffset();
    byte[] copy = Arrays.copyOfRange(bytes, from + start, from + end);
    return Payload.encoded(JacksonCodec.INSTANCE, copy, 0, copy.length);
  }

  private static Duration seconds(long seconds) {
    // Long.MAX_VALUE seconds is a duration too, but adding anything to it would overflow.
    return seconds < SECONDS.length
        ? SECONDS[(int) seconds]
        : Duration.ofSeconds(Math.min(seconds, Integer.MAX_VALUE));
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static String firstOf(@Nullable String a, @Nullable String b, @Nullable String c) {
    if (a != null && !a.isEmpty()) {
      return a;
    }
    return b != null ? b : orEmpty(c);
  }
}
