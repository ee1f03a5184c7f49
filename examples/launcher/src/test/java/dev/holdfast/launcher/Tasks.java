package dev.holdfast.launcher;

import dev.holdfast.launcher.ScriptedServer.Answer;
import dev.holdfast.launcher.ScriptedServer.Request;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Hands out so many tasks, t1, t2 and so on, one a poll, and takes every update. */
final class Tasks implements Function<Request, Answer> {

  private final int count;
  private final AtomicInteger leased = new AtomicInteger();

  Tasks(int count) {
    this.count = count;
  }

  @Override
  public Answer apply(Request request) {
    if (request.is("GET", "/tasks/poll/batch/")) {
      int number = leased.incrementAndGet();
      if (number > count) {
        InProcess.pause(50);
        return Answer.json("[]");
      }
      return Answer.json(
          """
          [{"taskId":"t%d","taskType":"greet","taskDefName":"greet","status":"IN_PROGRESS",
          "workflowInstanceId":"w%d","referenceTaskName":"greet","pollCount":1,
          "responseTimeoutSeconds":600,"inputData":{"name" : "Ada"}}]"""
              .formatted(number, number));
    }
    return request.is("POST", "/tasks/update-v2")
        ? new Answer(204, "text/plain", "", false)
        : Answer.text("ok");
  }
}
