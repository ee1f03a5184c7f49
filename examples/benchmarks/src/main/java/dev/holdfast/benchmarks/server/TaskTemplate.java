package dev.holdfast.benchmarks.server;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A task as a Conductor server writes it, about 2 kB, with the places where its number goes: its
 * id, its workflow's, and one in its input, so that no input is like another. Confined to one
 * thread.
 */
final class TaskTemplate {

  static final String TASK_ID = "\"taskId\":\"7f9c2ba4-e88f-11ef-9cd2-";
  static final String WORKFLOW_ID = "\"workflowInstanceId\":\"c7d4a1f0-e88f-11ef-9cd2-";
  static final String OUTPUT = "\"outputData\":";

  private static final String NUMBER = "%NUMBER%";

  private static final String INPUT =
      "{"
          + "\"orderId\":\""
          + NUMBER
          + "\",\"customer\":{\"name\":\"Ada Lovelace\",\"tier\":\"gold\",\"country\":\"GB\"},"
          + "\"lines\":[{\"sku\":\"A-1021\",\"quantity\":2,\"price\":12.5},"
          + "{\"sku\":\"B-0007\",\"quantity\":1,\"price\":104.5}],"
          + "\"total\":129.5,\"express\":true,\"note\":\"leave it \\\"at the door\\\"\"}";

  private static final String TASK =
      "{\"taskType\":\"%TYPE%\",\"status\":\"IN_PROGRESS\",\"inputData\":"
          + INPUT
          + ",\"referenceTaskName\":\"ship_ref\",\"retryCount\":0,\"seq\":1,"
          + "\"correlationId\":\"order-"
          + NUMBER
          + "\",\"pollCount\":1,\"taskDefName\":\"%TYPE%\",\"scheduledTime\":1767225600123,"
          + "\"startTime\":1767225600456,\"endTime\":0,\"updateTime\":1767225600456,"
          + "\"startDelayInSeconds\":0,\"retried\":false,\"executed\":false,"
          + "\"callbackFromWorker\":true,\"responseTimeoutSeconds\":3600,"
          + WORKFLOW_ID
          + NUMBER
          + "\",\"workflowType\":\"order_fulfilment\","
          + TASK_ID
          + NUMBER
          + "\",\"callbackAfterSeconds\":0,\"workerId\":\"worker-1\",\"outputData\":{},"
          + "\"workflowTask\":{\"name\":\"%TYPE%\",\"taskReferenceName\":\"ship_ref\","
          + "\"inputParameters\":{\"orderId\":\"${workflow.input.orderId}\","
          + "\"customer\":\"${workflow.input.customer}\",\"lines\":\"${workflow.input.lines}\","
          + "\"total\":\"${workflow.input.total}\",\"express\":\"${workflow.input.express}\","
          + "\"note\":\"${workflow.input.note}\"},\"type\":\"SIMPLE\",\"decisionCases\":{},"
          + "\"defaultCase\":[],\"forkTasks\":[],\"startDelay\":0,\"joinOn\":[],"
          + "\"optional\":false,\"taskDefinition\":{\"createTime\":1767225500000,"
          + "\"updateTime\":1767225500000,\"createdBy\":\"\",\"updatedBy\":\"\","
          + "\"name\":\"%TYPE%\",\"description\":\"Ships what was ordered\",\"retryCount\":3,"
          + "\"timeoutSeconds\":86400,\"inputKeys\":[],\"outputKeys\":[],"
          + "\"timeoutPolicy\":\"TIME_OUT_WF\",\"retryLogic\":\"FIXED\","
          + "\"retryDelaySeconds\":60,\"responseTimeoutSeconds\":3600,"
          + "\"inputTemplate\":{},\"rateLimitPerFrequency\":0,"
          + "\"rateLimitFrequencyInSeconds\":1,\"ownerEmail\":\"team@example.com\","
          + "\"backoffScaleFactor\":1,\"enforceSchema\":false},\"defaultExclusiveJoinTask\":[],"
          + "\"asyncComplete\":false,\"loopOver\":[],\"onStateChange\":{},"
          + "\"permissive\":false},\"rateLimitPerFrequency\":0,"
          + "\"rateLimitFrequencyInSeconds\":0,\"workflowPriority\":0,\"iteration\":0,"
          + "\"subworkflowChanged\":false,\"firstStartTime\":1767225600456,\"loopOverTask\":false,\"queueWaitTime\":333}";

  private final byte[] bytes;
  private final int[] places;
  private final byte[] input;

  TaskTemplate(String type) {
    String text = TASK.replace("%TYPE%", type);
    List<Integer> found = new ArrayList<>();
    for (int at = text.indexOf(NUMBER); at >= 0; at = text.indexOf(NUMBER, at + 1)) {
      found.add(at - found.size() * (NUMBER.length() - Digits.WIDTH));
    }
    places = found.stream().mapToInt(Integer::intValue).toArray();
    String zeros = "0".repeat(Digits.WIDTH);
    bytes = Request.ascii(text.replace(NUMBER, zeros));
    input = Request.ascii(INPUT.replace(NUMBER, zeros));
  }

  int length() {
    return bytes.length;
  }

  void write(long number, ByteBuf to) {
    for (int place : places) {
      Digits.write(number, bytes, place);
    }
    to.writeBytes(bytes);
  }

  /** Whether there stands, byte for byte, the input of the task of this number. */
  boolean isInput(long number, byte[] text, int from, int end) {
    Digits.write(number, input, INPUT.indexOf(NUMBER));
    return from >= 0
        && from + input.length <= end
        && Arrays.equals(text, from, from + input.length, input, 0, input.length);
  }
}
