package dev.holdfast.local;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change of state, as it is journaled and as it is applied: what a server is follows from its
 * changes in order. Times are milliseconds since the epoch.
 */
sealed interface Change {

  /** What it belongs to. */
  String key();

  /** Whether it makes the earlier changes of its key void. */
  default boolean replaces() {
    return false;
  }

  static String taskTypeKey(String name) {
    return "task-type/" + name;
  }

  static String workflowTypeKey(String name, int version) {
    return "workflow-type/" + version + "/" + name;
  }

  /** A task type has this definition now. */
  record TypeDefined(String name, String json) implements Change {
    @Override
    public String key() {
      return taskTypeKey(name);
    }

    @Override
    public boolean replaces() {
      return true;
    }
  }

  /** A task type has no definition any more. */
  record TypeRemoved(String name) implements Change {
    @Override
    public String key() {
      return taskTypeKey(name);
    }

    @Override
    public boolean replaces() {
      return true;
    }
  }

  /** A version of a workflow has this definition now. */
  record WorkflowDefined(String name, int version, String json) implements Change {
    @Override
    public String key() {
      return workflowTypeKey(name, version);
    }

    @Override
    public boolean replaces() {
      return true;
    }
  }

  /** A version of a workflow has no definition any more. */
  record WorkflowRemoved(String name, int version) implements Change {
    @Override
    public String key() {
      return workflowTypeKey(name, version);
    }

    @Override
    public boolean replaces() {
      return true;
    }
  }

  /** A workflow has begun, with the definitions that it keeps. */
  record Started(
      String workflowId,
      String name,
      String definition,
      String taskDefinition,
      String input,
      @Nullable String correlationId,
      int priority,
      String taskToDomain,
      @Nullable String domain,
      @Nullable String idempotencyKey,
      long at)
      implements Change {
    @Override
    public String key() {
      return workflowId;
    }
  }

  /** A task waits to be polled; so does a retry, which has another id. */
  record Scheduled(
      String taskId,
      String workflowId,
      String input,
      String output,
      int retryCount,
      int seq,
      @Nullable String retriedTaskId,
      long updateTime,
      int startDelaySeconds,
      long place,
      long at)
      implements Change {
    @Override
    public String key() {
      return taskId;
    }
  }

  /** A worker has a task on lease. */
  record Polled(String taskId, @Nullable String workerId, int pollCount, long at)
      implements Change {
    @Override
    public String key() {
      return taskId;
    }
  }

  /** The client that polled was gone before it was answered: the task was never handed out. */
  record Returned(String taskId, long at) implements Change {
    @Override
    public String key() {
      return taskId;
    }
  }

  /** A lease begins anew. */
  record Extended(String taskId, long at) implements Change {
    @Override
    public String key() {
      return taskId;
    }
  }

  /** A worker gives a task back, to be polled again after a while. */
  record HandedBack(
      String taskId,
      @Nullable String workerId,
      String output,
      @Nullable String reason,
      int callbackAfterSeconds,
      long place,
      long at)
      implements Change {
    @Override
    public String key() {
      return taskId;
    }
  }

  /** Lines about a task. */
  record Logged(String taskId, List<LogLine> lines) implements Change {
    @Override
    public String key() {
      return taskId;
    }
  }

  /** A task has ended, by an update, a timeout, a cancel or the end of its workflow. */
  record Ended(
      String taskId,
      TaskStatus status,
      @Nullable String workerId,
      String output,
      @Nullable String reason,
      int callbackAfterSeconds,
      long at)
      implements Change {
    @Override
    public String key() {
      return taskId;
    }
  }

  /** A task with a long history, as a whole; since when it waits or is leased. */
  record Condensed(LocalTask task, List<LogLine> lines, long since) implements Change {
    @Override
    public String key() {
      return task.id();
    }

    @Override
    public boolean replaces() {
      return true;
    }
  }

  /** A workflow has ended. */
  record Finished(
      String workflowId, WorkflowStatus status, @Nullable String reason, String output, long at)
      implements Change {
    @Override
    public String key() {
      return workflowId;
    }
  }
}
