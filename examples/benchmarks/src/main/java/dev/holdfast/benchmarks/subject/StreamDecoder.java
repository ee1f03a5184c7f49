package dev.holdfast.benchmarks.subject;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.async.ByteArrayFeeder;
import tools.jackson.core.json.JsonFactory;

/**
 * Decodes the tasks of polls' answers as they stream in, one after the other, with Jackson's
 * non-blocking parser.
 */
final class StreamDecoder {

  private static final JsonFactory JSON = new JsonFactory();

  /** Gets the tasks. */
  interface Sink {
    /** What a loop needs of one: its ids, and its input as the JSON object that came. */
    void task(String taskId, String workflowId, byte[] input);
  }

  /** What the next value at the top of a task is. */
  private enum Field {
    TASK_ID,
    WORKFLOW_ID,
    INPUT,
    OTHER
  }

  private final ByteArrayOutputStream input = new ByteArrayOutputStream(512);
  private final Sink tasks;
  private byte[] chunk = new byte[0];
  private JsonParser parser;
  private ByteArrayFeeder feeder;
  private long chunkStart;
  private int depth;
  private Field field = Field.OTHER;
  private long inputStart = -1;
  private @Nullable String taskId;
  private @Nullable String workflowId;
  private byte[] inputData = new byte[0];

  StreamDecoder(Sink tasks) {
    this.tasks = tasks;
    this.parser = JSON.createNonBlockingByteArrayParser(ObjectReadContext.empty());
    this.feeder = (ByteArrayFeeder) parser.nonBlockingInputFeeder();
  }

  void feed(ByteBuf buffer) {
    int length = buffer.readableBytes();
    if (chunk.length < length) {
      chunk = new byte[length];
    }
    buffer.getBytes(buffer.readerIndex(), chunk, 0, length);
    feeder.feedInput(chunk, 0, length);
    for (JsonToken token = parser.nextToken();
        token != JsonToken.NOT_AVAILABLE && token != null;
        token = parser.nextToken()) {
      take(token);
    }
    if (inputStart >= 0) {
      keepInput(chunkStart + length);
    }
    chunkStart += length;
  }

  /** Ready for the next answer; the parser hands the names that it has learnt to that one's. */
  void end() {
    parser.close();
    parser = JSON.createNonBlockingByteArrayParser(ObjectReadContext.empty());
    feeder = (ByteArrayFeeder) parser.nonBlockingInputFeeder();
    chunkStart = 0;
  }

  private void take(JsonToken token) {
    switch (token) {
      case START_OBJECT, START_ARRAY -> {
        depth++;
        if (depth == 3 && field == Field.INPUT) {
          inputStart = parser.currentLocation().getByteOffset() - 1; // its brace
        }
      }
      case END_OBJECT, END_ARRAY -> {
        depth--;
        if (depth == 2 && inputStart >= 0) {
          keepInput(parser.currentLocation().getByteOffset());
          inputData = input.toByteArray();
          input.reset();
          inputStart = -1;
        } else if (depth == 1) {
          tasks.task(known(taskId), known(workflowId), inputData);
        }
      }
      case PROPERTY_NAME -> {
        if (depth == 2) {
          field =
              switch (parser.currentName()) {
                case "taskId" -> Field.TASK_ID;
                case "workflowInstanceId" -> Field.WORKFLOW_ID;
                case "inputData" -> Field.INPUT;
                default -> Field.OTHER;
              };
        }
      }
      case VALUE_STRING -> {
        if (depth == 2 && field == Field.TASK_ID) {
          taskId = parser.getString();
        } else if (depth == 2 && field == Field.WORKFLOW_ID) {
          workflowId = parser.getString();
        }
      }
      default -> {}
    }
  }

  /** Takes over what there is of the input in this chunk. */
  private void keepInput(long end) {
    input.write(chunk, (int) (inputStart - chunkStart), (int) (end - inputStart));
    inputStart = end;
  }

  private static String known(@Nullable String id) {
    if (id == null) {
      throw new IllegalStateException("a task without its ids");
    }
    return id;
  }
}
