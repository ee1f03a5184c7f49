package dev.holdfast.conductor;

import dev.holdfast.client.Polled;
import dev.holdfast.client.TaskState;
import dev.holdfast.client.TaskStatus;
import dev.holdfast.task.Task;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/** Binds tasks in one pass over their bytes: no tree, and payloads stay the bytes that came. */
final class TaskReader {

  // Tasks are read on event loops only, which are few and live long.
  static final JsonFactory JSON =
      JsonFactory.builder().recyclerPool(JsonRecyclerPools.threadLocalPool()).build();

  private TaskReader() {}

  /** Reads one element of a poll's answer. What is kept of the array is copied. */
  static Polled read(byte[] bytes, int from, int length, @Nullable String polledType) {
    TaskFields fields = new TaskFields();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), bytes, from, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Polled.Unusable(null, "an element of the poll's answer is not an object");
      }
      fields.read(parser, bytes, from);
    } catch (JacksonException e) {
      // The library's own words would quote the payload.
      return unusable(
          salvage(bytes, from, length, polledType),
          "not valid JSON" + (e.getLocation() == null ? "" : at(e.getLocation().getByteOffset())));
    }
    Task task = fields.task(polledType);
    if (task == null) {
      return unusable(null, "it has no taskId");
    }
    if (fields.inputIsElsewhere()) {
      return unusable(
          withoutPayloads(fields, polledType),
          "its input is in an external payload storage, which this client does not read");
    }
    if (fields.inputIsNoObject()) {
      return unusable(withoutPayloads(fields, polledType), "its inputData is not an object");
    }
    if (task.workflowId().isEmpty()) {
      return unusable(
          withoutPayloads(fields, polledType),
          "it has no workflowInstanceId, without which no result can be reported");
    }
    return new Polled.Leased(task);
  }

  /** What is left of an element that was too large to be kept. */
  static Polled oversized(
      JsonSkeleton skeleton, long size, int maxTaskBytes, @Nullable String polledType) {
    return unusable(
        readSkeleton(skeleton, polledType),
        "it has " + size + " bytes: maxTaskBytes is " + maxTaskBytes);
  }

  /** The state that a skeleton tells; null if it is no task's. */
  static @Nullable TaskState state(JsonSkeleton skeleton) {
    TaskFields fields = new TaskFields();
    lenient(fields, skeleton.bytes(), skeleton.length());
    String id = fields.taskId();
    String workflowId = fields.workflowId();
    String status = fields.status();
    if (id == null || status == null) {
      return null;
    }
    return new TaskState(
        id,
        workflowId == null ? "" : workflowId,
        status(status),
        fields.pollCount(),
        fields.workerId());
  }

  private static TaskStatus status(String name) {
    try {
      return TaskStatus.valueOf(name);
    } catch (IllegalArgumentException e) {
      return TaskStatus.UNKNOWN;
    }
  }

  private static @Nullable Task salvage(
      byte[] bytes, int from, int length, @Nullable String polledType) {
    JsonSkeleton skeleton = new JsonSkeleton();
    skeleton.feed(bytes, from, from + length);
    return readSkeleton(skeleton, polledType);
  }

  private static @Nullable Task readSkeleton(JsonSkeleton skeleton, @Nullable String polledType) {
    TaskFields fields = new TaskFields();
    lenient(fields, skeleton.bytes(), skeleton.length());
    return fields.task(polledType);
  }

  private static @Nullable Task withoutPayloads(TaskFields fields, @Nullable String polledType) {
    fields.dropPayloads();
    return fields.task(polledType);
  }

  /** Reads as far as it goes. */
  private static void lenient(TaskFields fields, byte[] bytes, int length) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), bytes, 0, length)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        fields.read(parser, bytes, 0);
      }
    } catch (JacksonException e) {
      fields.dropPayloads();
    }
  }

  private static Polled unusable(@Nullable Task task, String why) {
    return new Polled.Unusable(task, "the task can't be read: " + why);
  }

  private static String at(long offset) {
    return offset < 0 ? "" : " at its byte " + offset;
  }
}
