package dev.holdfast.conductor;

import dev.holdfast.client.TaskStatus;
import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Payload;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * What goes out with a call. It is on the heap and owned by nobody, so that it may be dropped at
 * any moment.
 */
record RequestBody(String contentType, ByteBuf content) {

  private static final String JSON = "application/json";
  private static final int MAX_REASON = 500;

  /** A fresh view for one send, which releases what it is given. */
  ByteBuf view() {
    return content.retainedDuplicate();
  }

  /**
   * A result. Its output is copied as it is.
   *
   * @throws IllegalStateException if the output is a value that has not been encoded
   */
  static RequestBody update(TaskUpdate update) {
    ByteBuf buffer = Unpooled.buffer(512 + update.output().size());
    OutputStream out = new ByteBufOutputStream(buffer);
    try (JsonGenerator json = TaskReader.JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      json.writeStringProperty("taskId", update.taskId());
      json.writeStringProperty("workflowInstanceId", update.workflowId());
      json.writeStringProperty("workerId", update.workerId());
      json.writeStringProperty("status", update.status().name());
      String reason = update.reason();
      if (reason != null) {
        json.writeStringProperty("reasonForIncompletion", cut(reason));
      }
      if (update.status() == TaskStatus.IN_PROGRESS) {
        json.writeNumberProperty("callbackAfterSeconds", seconds(update.callbackAfter()));
      }
      if (update.output() != Payload.empty()) {
        json.writeName("outputData");
        // Writes the colon and nothing else: the value goes past the generator as it is.
        json.writeRawValue("");
        json.flush();
        buffer.writeBytes(update.output().bytes());
      }
      json.writeEndObject();
    }
    return new RequestBody(JSON, buffer);
  }

  static RequestBody leaseExtension(String taskId, String workflowId, String workerId) {
    ByteBuf buffer = Unpooled.buffer(256);
    OutputStream out = new ByteBufOutputStream(buffer);
    try (JsonGenerator json = TaskReader.JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      json.writeStringProperty("taskId", taskId);
      json.writeStringProperty("workflowInstanceId", workflowId);
      json.writeStringProperty("workerId", workerId);
      json.writeStringProperty("status", "IN_PROGRESS");
      json.writeBooleanProperty("extendLease", true);
      json.writeEndObject();
    }
    return new RequestBody(JSON, buffer);
  }

  static RequestBody credentials(ConductorSpec.Credentials credentials) {
    ByteBuf buffer = Unpooled.buffer(256);
    OutputStream out = new ByteBufOutputStream(buffer);
    try (JsonGenerator json = TaskReader.JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      json.writeStringProperty("keyId", credentials.keyId());
      json.writeStringProperty("keySecret", credentials.secret());
      json.writeEndObject();
    }
    return new RequestBody(JSON, buffer);
  }

  static RequestBody text(String text) {
    return new RequestBody(
        "text/plain;charset=UTF-8", Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static long seconds(Duration delay) {
    long roundedUp = delay.plusNanos(999_999_999).toSeconds();
    return Math.max(0, Math.min(Integer.MAX_VALUE, roundedUp));
  }

  private static String cut(String reason) {
    if (reason.length() <= MAX_REASON) {
      return reason;
    }
    // Half a surrogate pair is no character.
    int end =
        Character.isHighSurrogate(reason.charAt(MAX_REASON - 1)) ? MAX_REASON - 1 : MAX_REASON;
    return reason.substring(0, end);
  }
}
