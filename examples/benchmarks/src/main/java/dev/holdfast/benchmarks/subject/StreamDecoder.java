package dev.holdfast.benchmarks.subject;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Decodes the tasks of polls' answers as they stream in, one answer after the other: one pass over
 * the bytes for the three fields that an echo needs. Jackson's non-blocking parser takes twice as
 * long for it. Valid JSON is taken for granted, and ids without escapes.
 */
final class StreamDecoder {

  /** Gets the tasks. */
  interface Sink {
    /** What a loop needs of one: its ids, and its input as the JSON object that came. */
    void task(String taskId, String workflowId, byte[] input);
  }

  private static final byte[] TASK_ID = "taskId".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] WORKFLOW_ID =
      "workflowInstanceId".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] INPUT = "inputData".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] OTHER = new byte[0];

  private final Sink tasks;
  private byte[] bytes = new byte[1 << 16];
  private int end;

  StreamDecoder(Sink tasks) {
    this.tasks = tasks;
  }

  void feed(ByteBuf buffer) {
    int length = buffer.readableBytes();
    if (bytes.length - end < length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, end + length));
    }
    buffer.getBytes(buffer.readerIndex(), bytes, end, length);
    end += length;
    int done = 0;
    for (int next = task(0); next > 0; next = task(done)) {
      done = next;
    }
    System.arraycopy(bytes, done, bytes, 0, end - done);
    end -= done;
  }

  /** Ready for the next answer. */
  void end() {
    end = 0;
  }

  /** Reads the next task and returns where it ends; -1 if it is not there as a whole. */
  private int task(int from) {
    int i = from;
    while (i < end && bytes[i] != '{') {
      i++;
    }
    int depth = 0;
    boolean name = true;
    byte[] field = OTHER;
    int inputStart = -1;
    byte[] input = OTHER;
    String taskId = "";
    String workflowId = "";
    while (i < end) {
      byte b = bytes[i++];
      switch (b) {
        case '"' -> {
          int start = i;
          i = stringEnd(i);
          if (i < 0) {
            return -1;
          }
          if (depth == 1) {
            if (name) {
              field = field(start, i - 1);
            } else if (field == TASK_ID) {
              taskId = text(start, i - 1);
            } else if (field == WORKFLOW_ID) {
              workflowId = text(start, i - 1);
            }
          }
        }
        case ':' -> name = false;
        case ',' -> name = true;
        case '{', '[' -> {
          depth++;
          name = true;
          if (depth == 2 && field == INPUT) {
            inputStart = i - 1;
          }
        }
        case '}', ']' -> {
          depth--;
          if (depth == 1 && field == INPUT) {
            input = Arrays.copyOfRange(bytes, inputStart, i);
          } else if (depth == 0) {
            tasks.task(taskId, workflowId, input);
            return i;
          }
        }
        default -> {}
      }
    }
    return -1;
  }

  /** Behind the quote that ends a string; -1 if it is not there. */
  private int stringEnd(int from) {
    for (int i = from; i < end; i++) {
      byte b = bytes[i];
      if (b == '"') {
        return i + 1;
      }
      if (b == '\\') {
        i++;
      }
    }
    return -1;
  }

  /** Which of the fields stands there; an empty array for any other. */
  private byte[] field(int from, int to) {
    int length = to - from;
    byte[] candidate =
        length == TASK_ID.length
            ? TASK_ID
            : length == INPUT.length ? INPUT : length == WORKFLOW_ID.length ? WORKFLOW_ID : OTHER;
    return Arrays.equals(bytes, from, to, candidate, 0, candidate.length) ? candidate : OTHER;
  }

  private String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
  }
}
