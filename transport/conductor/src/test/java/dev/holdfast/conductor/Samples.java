package dev.holdfast.conductor;

/** JSON as a server writes it. */
final class Samples {

  static final String FULL_TASK =
      """
      {"taskType":"greet","status":"IN_PROGRESS",
       "inputData":{ "name": "Zoë", "n": 1.50 },
       "referenceTaskName":"greet_ref","retryCount":2,"seq":3,"correlationId":"c-1",
       "pollCount":4,"taskDefName":"greet_def","scheduledTime":1700000000001,
       "startTime":1700000000002,"endTime":0,"updateTime":1700000000003,
       "startDelayInSeconds":8,"retried":false,"executed":false,"callbackFromWorker":true,
       "responseTimeoutSeconds":3600,"workflowInstanceId":"w-1","workflowType":"welcome",
       "taskId":"t-1","callbackAfterSeconds":7,"workerId":"me",
       "outputData":{"done":[1,2]},"runtimeMetadata":{"key":"hush"},
       "workflowTask":{"name":"greet","taskReferenceName":"greet_ref","inputParameters":{"x":{}},
         "type":"SIMPLE","taskDefinition":{"createTime":0,"name":"greet_def","retryCount":3,
         "timeoutSeconds":90,"inputKeys":[],"timeoutPolicy":"TIME_OUT_WF"},"optional":false},
       "domain":"blue","rateLimitPerFrequency":0,"workflowPriority":6,"iteration":5,
       "subworkflowChanged":false,"queueWaitTime":5,"loopOverTask":false}
      """;

  private Samples() {}

  /** A task as small as it gets. */
  static String task(String id) {
    return "{\"taskType\":\"greet\",\"inputData\":{\"id\":\""
        + id
        + "\"},\"taskId\":\""
        + id
        + "\",\"workflowInstanceId\":\"w-"
        + id
        + "\",\"pollCount\":1}";
  }
}
