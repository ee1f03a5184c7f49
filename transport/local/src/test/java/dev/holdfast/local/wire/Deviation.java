package dev.holdfast.local.wire;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where this server answers otherwise on purpose.
 *
 * @param step the step of the script
 * @param answer what this server answers
 * @param reason why
 */
record Deviation(String step, String answer, String reason) {

  static final List<Deviation> ALL =
      List.of(
          new Deviation(
              "an unknown task",
              "404 application/json {instance=string, message=string, retryable=false"
                  + ", status=404}",
              "Newer servers answer 404, and a client can tell nothing from no content"),
          new Deviation(
              "health below the API",
              "200 application/json {healthResults=[], healthy=true, suppressedHealth"
                  + "Results=[]}",
              "A client that knows only the base of the API can ask as well"),
          new Deviation(
              "log to an unknown task",
              "404 application/json {instance=string, message=string, retryable=false"
                  + ", status=404}",
              "Lines about tasks that do not exist would have no bound"),
          new Deviation(
              "events",
              "404 application/json {instance=string, message=string, retryable=false"
                  + ", status=404}",
              "There are none here; the answer says what there is"),
          new Deviation(
              "put a workflow type of two tasks",
              "400 application/json {message=string, retryable=false, status=400, val"
                  + "idationErrors=[updateWorkflowDef.arg0[0].tasks]}",
              "A workflow has one task here; it is refused before it can stall"),
          new Deviation(
              "put a workflow type of a system task",
              "400 application/json {message=string, retryable=false, status=400, val"
                  + "idationErrors=[updateWorkflowDef.arg0[0].tasks[0].type]}",
              "There are none here; it is refused before it can stall"),
          new Deviation(
              "put a workflow type with a space in an expression",
              "200 application/json {bulkErrorResults={}, bulkSuccessfulResults=[\"sp" + "-$u\"]}",
              "Any member's name can be passed on"),
          new Deviation(
              "define a task type with many retries",
              "400 application/json {message=string, retryable=false, status=400, val"
                  + "idationErrors=[registerTaskDef.arg0[0].retryCount]}",
              "A workflow's tasks are kept until it has ended: their number is bounded"),
          new Deviation(
              "update without a content type",
              "400 application/json {message=string, retryable=false, status=400, val"
                  + "idationErrors=[updateTask.arg0.taskId, updateTask.arg0.workflowInstanc"
                  + "eId]}",
              "It is read as JSON, there being nothing else that it could be"),
          new Deviation(
              "start twice",
              "409 application/json {instance=string, message=string, retryable=false"
                  + ", status=409}",
              "The idempotency key is honoured; the real server takes it and ignores it"),
          new Deviation(
              "start it or the existing",
              "200 text/plain;charset=UTF-8 $first",
              "The idempotency key is honoured; the real server takes it and ignores it"),
          new Deviation(
              "poll for more than there is",
              "200 application/json [{callbackAfterSeconds=0, callbackFromWorker=bool"
                  + "ean, endTime=never, executed=boolean, firstStartTime=never, inputData="
                  + "{}, iteration=integer, loopOverTask=boolean, outputData={}, pollCount="
                  + "1, queueWaitTime=integer, rateLimitFrequencyInSeconds=integer, rateLim"
                  + "itPerFrequency=integer, referenceTaskName=\"ref\", responseTimeoutSeco"
                  + "nds=1, retried=false, retryCount=0, scheduledTime=time, seq=1, startDe"
                  + "layInSeconds=0, startTime=time, status=\"IN_PROGRESS\", subworkflowCha"
                  + "nged=boolean, taskDefName=\"b-$u\", taskId=\"$tb\", taskType=\"b-$u\","
                  + " updateTime=time, workerId=\"w1\", workflowInstanceId=\"$fb\", workflo"
                  + "wPriority=0, workflowTask=definition, workflowType=string}] at once",
              "A long poll is answered with the first task, not after the whole wait"),
          new Deviation(
              "a task whose lease has lapsed",
              "200 application/json {callbackAfterSeconds=0, callbackFromWorker=boole"
                  + "an, endTime=time, executed=boolean, firstStartTime=never, inputData={}"
                  + ", iteration=integer, loopOverTask=boolean, outputData={}, pollCount=1,"
                  + " queueWaitTime=integer, rateLimitFrequencyInSeconds=integer, rateLimit"
                  + "PerFrequency=integer, reasonForIncompletion=\"responseTimeout: 1 excee"
                  + "ded for the taskId: $tb with Task Definition: b-$u\", referenceTaskNam"
                  + "e=\"ref\", responseTimeoutSeconds=1, retried=false, retryCount=0, sche"
                  + "duledTime=time, seq=1, startDelayInSeconds=0, startTime=time, status=\""
                  + "TIMED_OUT\", subworkflowChanged=boolean, taskDefName=\"b-$u\", taskId="
                  + "\"$tb\", taskType=\"b-$u\", updateTime=time, workerId=\"w1\", workflow"
                  + "InstanceId=\"$fb\", workflowPriority=0, workflowTask=definition, workf"
                  + "lowType=string}",
              "Timeouts fire on time; the real server's sweeper comes up to half a minute later"),
          new Deviation("cancel a task", "200 text/plain;charset=UTF-8 $tc", "As newer servers do"),
          new Deviation(
              "a workflow whose task was cancelled",
              "200 application/json {createTime=time, endTime=time, failedReferenceTa"
                  + "skNames=[], failedTaskNames=[], history=[], input={}, lastRetriedTime="
                  + "never, output={}, ownerApp=string, priority=0, rateLimited=boolean, re"
                  + "asonForIncompletion=\"Task $tc failed with status: TERMINATED and reas"
                  + "on: 'null'\", startTime=time, status=\"TERMINATED\", taskToDomain={}, "
                  + "tasks=[{callbackAfterSeconds=0, callbackFromWorker=boolean, endTime=ti"
                  + "me, executed=boolean, firstStartTime=never, inputData={}, iteration=in"
                  + "teger, loopOverTask=boolean, outputData={}, pollCount=0, queueWaitTime"
                  + "=integer, rateLimitFrequencyInSeconds=integer, rateLimitPerFrequency=i"
                  + "nteger, referenceTaskName=\"ref\", responseTimeoutSeconds=1, retried=f"
                  + "alse, retryCount=0, scheduledTime=time, seq=1, startDelayInSeconds=0, "
                  + "startTime=never, status=\"CANCELED\", subworkflowChanged=boolean, task"
                  + "DefName=\"b-$u\", taskId=\"$tc\", taskType=\"b-$u\", updateTime=time, "
                  + "workflowInstanceId=\"$fc\", workflowPriority=0, workflowTask=definitio"
                  + "n, workflowType=string}], updateTime=time, variables={}, workflowDefin"
                  + "ition=definition, workflowId=\"$fc\", workflowName=string, workflowVer"
                  + "sion=integer}",
              "As newer servers do: no retry, and the workflow is terminated"),
          new Deviation(
              "a task that was handed back for the past",
              "200 application/json {callbackAfterSeconds=0, callbackFromWorker=boolean"
                  + ", endTime=never, executed=boolean, firstStartTime=never, inputData={}, i"
                  + "teration=integer, loopOverTask=boolean, outputData={}, pollCount=1, queu"
                  + "eWaitTime=integer, rateLimitFrequencyInSeconds=integer, rateLimitPerFreq"
                  + "uency=integer, referenceTaskName=\"ref\", responseTimeoutSeconds=3600, r"
                  + "etried=false, retryCount=0, scheduledTime=time, seq=1, startDelayInSecon"
                  + "ds=0, startTime=time, status=\"SCHEDULED\", subworkflowChanged=boolean, "
                  + "taskDefName=\"past-$u\", taskId=\"$tp\", taskType=\"past-$u\", updateTim"
                  + "e=time, workflowInstanceId=\"$fp\", workflowPriority=0, workflowTask=def"
                  + "inition, workflowType=string}",
              "A negative delay is none"),
          new Deviation(
              "poll what was handed back for the past",
              "200 application/json [{callbackAfterSeconds=0, callbackFromWorker=boolea"
                  + "n, endTime=never, executed=boolean, firstStartTime=never, inputData={}, "
                  + "iteration=integer, loopOverTask=boolean, outputData={}, pollCount=2, que"
                  + "ueWaitTime=integer, rateLimitFrequencyInSeconds=integer, rateLimitPerFre"
                  + "quency=integer, referenceTaskName=\"ref\", responseTimeoutSeconds=3600, "
                  + "retried=false, retryCount=0, scheduledTime=time, seq=1, startDelayInSeco"
                  + "nds=0, startTime=time, status=\"IN_PROGRESS\", subworkflowChanged=boolea"
                  + "n, taskDefName=\"past-$u\", taskId=\"$tp\", taskType=\"past-$u\", update"
                  + "Time=time, workerId=\"w1\", workflowInstanceId=\"$fp\", workflowPriority"
                  + "=0, workflowTask=definition, workflowType=string}]",
              "A negative delay is none; the real server hides such a task from the next poll"),
          new Deviation(
              "poll for less than none of one",
              "200 application/json []",
              "Nothing is leased to who asks for less than one; the real server leases one"),
          new Deviation(
              "poll after less than none",
              "200 application/json [{callbackAfterSeconds=0, callbackFromWorker=boolea"
                  + "n, endTime=never, executed=boolean, firstStartTime=never, inputData={}, "
                  + "iteration=integer, loopOverTask=boolean, outputData={}, pollCount=1, que"
                  + "ueWaitTime=integer, rateLimitFrequencyInSeconds=integer, rateLimitPerFre"
                  + "quency=integer, referenceTaskName=\"ref\", responseTimeoutSeconds=3600, "
                  + "retried=false, retryCount=0, scheduledTime=time, seq=1, startDelayInSeco"
                  + "nds=0, startTime=time, status=\"IN_PROGRESS\", subworkflowChanged=boolea"
                  + "n, taskDefName=\"less-$u\", taskId=\"some id\", taskType=\"less-$u\", up"
                  + "dateTime=time, workerId=\"w1\", workflowInstanceId=\"$fq\", workflowPrio"
                  + "rity=0, workflowTask=definition, workflowType=string}]",
              "Nothing was leased to who asked for less than one; the real server had leased it"));

  /** This server's answers by step. */
  static Map<String, String> lines() {
    Map<String, String> lines = new LinkedHashMap<>();
    ALL.forEach(deviation -> lines.put(deviation.step(), deviation.answer()));
    return lines;
  }
}
