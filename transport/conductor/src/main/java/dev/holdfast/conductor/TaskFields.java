package dev.holdfast.conductor;

import dev.holdfast.task.Payload;
import dev.holdfast.task.Task;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The members of a task's JSON object that a worker reads. One that is missing or of a wrong type
 * keeps its default; one that is unknown is skipped.
 */
final class TaskFields {

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

  /** Reads the members of the object whose start the parser stands on, up to its end. */
  void read(JsonParser parser, byte[] bytes) {
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken token = parser.nextToken();
      member(name, token, parser, bytes);
    }
  }

  private void member(String name, JsonToken token, JsonParser parser, byte[] bytes) {
    switch (name) {
      case "taskId" -> taskId = string(token, parser);
      case "taskType" -> taskType = string(token, parser);
      case "taskDefName" -> definitionName = string(token, parser);
      case "referenceTaskName" -> referenceName = string(token, parser);
      case "workflowInstanceId" -> workflowId = string(token, parser);
      case "workflowType" -> workflowType = string(token, parser);
      case "correlationId" -> correlationId = string(token, parser);
      case "domain" -> domain = string(token, parser);
      case "workerId" -> workerId = string(token, parser);
      case "status" -> status = string(token, parser);
      case "externalInputPayloadStoragePath" -> externalInput = string(token, parser);
      case "retryCount" -> retryCount = integer(token, parser);
      case "seq" -> sequence = integer(token, parser);
      case "pollCount" -> pollCount = integer(token, parser);
      case "iteration" -> iteration = integer(token, parser);
      case "workflowPriority" -> priority = integer(token, parser);
      case "scheduledTime" -> scheduledMillis = number(token, parser);
      case "startTime" -> startMillis = number(token, parser);
      case "updateTime" -> updateMillis = number(token, parser);
      case "responseTimeoutSeconds" -> responseTimeoutSeconds = number(token, parser);
      case "callbackAfterSeconds" -> callbackAfterSeconds = number(token, parser);
      case "startDelayInSeconds" -> startDelaySeconds = number(token, parser);
      case "inputData" -> {
        inputIsNoObject = token != JsonToken.START_OBJECT && token != JsonToken.VALUE_NULL;
        input = payload(token, parser, bytes);
      }
      case "outputData" -> output = payload(token, parser, bytes);
      case "runtimeMetadata" -> runtimeMetadata = payload(token, parser, bytes);
      case "workflowTask" -> workflowTask(token, parser);
      default -> parser.skipChildren();
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
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken value = parser.nextToken();
      if (value == JsonToken.START_OBJECT && name.equals("taskDefinition")) {
        taskDefinition(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void taskDefinition(JsonParser parser) {
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken value = parser.nextToken();
      if (name.equals("timeoutSeconds")) {
        hardTimeoutSeconds = number(value, parser);
      } else {
        parser.skipChildren();
      }
    }
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
  private static Payload payload(JsonToken token, JsonParser parser, byte[] bytes) {
    if (token != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return Payload.empty();
    }
    int start = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    int end = (int) parser.currentLocation().getByteOffset();
    return Payload.encoded(JacksonCodec.INSTANCE, bytes, start, end - start);
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
