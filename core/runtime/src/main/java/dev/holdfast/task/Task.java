package dev.holdfast.task;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A task as the server handed it out: what a worker reads of it. Immutable; made by a transport
 * through {@link #builder}.
 *
 * <p>Source: the task of Conductor's API, with the fields that no worker reads left out.
 */
public final class Task {

  private final String id;
  private final String type;
  private final String definitionName;
  private final String referenceName;
  private final String workflowId;
  private final String workflowType;
  private final int retryCount;
  private final int sequence;
  private final int pollCount;
  private final int iteration;
  private final int priority;
  private final @Nullable String correlationId;
  private final @Nullable String domain;
  private final @Nullable String workerId;
  private final long scheduledMillis;
  private final long startMillis;
  private final long updateMillis;
  private final Duration responseTimeout;
  private final Duration hardTimeout;
  private final Duration callbackAfter;
  private final Duration startDelay;
  private final Payload input;
  private final Payload output;
  private final Payload runtimeMetadata;

  private Task(Builder builder) {
    this.id = builder.id;
    this.type = builder.type;
    this.definitionName = builder.definitionName;
    this.referenceName = builder.referenceName;
    this.workflowId = builder.workflowId;
    this.workflowType = builder.workflowType;
    this.retryCount = builder.retryCount;
    this.sequence = builder.sequence;
    this.pollCount = builder.pollCount;
    this.iteration = builder.iteration;
    this.priority = builder.priority;
    this.correlationId = builder.correlationId;
    this.domain = builder.domain;
    this.workerId = builder.workerId;
    this.scheduledMillis = builder.scheduledMillis;
    this.startMillis = builder.startMillis;
    this.updateMillis = builder.updateMillis;
    this.responseTimeout = builder.responseTimeout;
    this.hardTimeout = builder.hardTimeout;
    this.callbackAfter = builder.callbackAfter;
    this.startDelay = builder.startDelay;
    this.input = builder.input;
    this.output = builder.output;
    this.runtimeMetadata = builder.runtimeMetadata;
  }

  /**
   * Starts a task.
   *
   * @param id the server's id of the task
   * @param type the task type that was polled
   * @return a builder with nothing else set
   */
  public static Builder builder(String id, String type) {
    return new Builder(id, type);
  }

  /** {@return the server's id of the task} */
  public String id() {
    return id;
  }

  /** {@return the task type that was polled} */
  public String type() {
    return type;
  }

  /** {@return the name of the task's definition, which may differ from its type} */
  public String definitionName() {
    return definitionName;
  }

  /** {@return the task's name within its workflow} */
  public String referenceName() {
    return referenceName;
  }

  /** {@return the id of the workflow instance} */
  public String workflowId() {
    return workflowId;
  }

  /** {@return the name of the workflow} */
  public String workflowType() {
    return workflowType;
  }

  /** {@return how often the task was retried before} */
  public int retryCount() {
    return retryCount;
  }

  /** {@return the task's place in its workflow} */
  public int sequence() {
    return sequence;
  }

  /**
   * {@return how often the server has handed this task out, this time included; 0 if it did not
   * say}
   */
  public int pollCount() {
    return pollCount;
  }

  /** {@return the iteration, for a task inside a loop; else 0} */
  public int iteration() {
    return iteration;
  }

  /** {@return the workflow's priority} */
  public int priority() {
    return priority;
  }

  /** {@return the workflow's correlation id, or null} */
  public @Nullable String correlationId() {
    return correlationId;
  }

  /** {@return the domain it was polled from, or null} */
  public @Nullable String domain() {
    return domain;
  }

  /** {@return the worker that the server leased it to, or null if it did not say} */
  public @Nullable String workerId() {
    return workerId;
  }

  /** {@return when the server scheduled it, in its epoch milliseconds; 0 if it did not say} */
  public long scheduledMillis() {
    return scheduledMillis;
  }

  /** {@return when the server first leased it, in its epoch milliseconds; 0 if it did not say} */
  public long startMillis() {
    return startMillis;
  }

  /** {@return when the server last changed it, in its epoch milliseconds; 0 if it did not say} */
  public long updateMillis() {
    return updateMillis;
  }

  /** {@return how long the server waits for an answer or an extension; zero for ever} */
  public Duration responseTimeout() {
    return responseTimeout;
  }

  /**
   * {@return how long the task may take from its first lease, which no extension moves; zero for
   * ever}
   */
  public Duration hardTimeout() {
    return hardTimeout;
  }

  /** {@return the delay that led to this attempt} */
  public Duration callbackAfter() {
    return callbackAfter;
  }

  /** {@return the delay before the first attempt} */
  public Duration startDelay() {
    return startDelay;
  }

  /** {@return the input, not decoded yet} */
  public Payload input() {
    return input;
  }

  /** {@return the output that earlier attempts left, not decoded yet} */
  public Payload output() {
    return output;
  }

  /** {@return secrets that the server resolved for this task; in no log, event or tape} */
  public Payload runtimeMetadata() {
    return runtimeMetadata;
  }

  /** Names the task; its payloads and secrets are left out. */
  @Override
  public String toString() {
    return "Task[" + type + " " + id + "#" + pollCount + " of " + workflowId + "]";
  }

  /** Collects the parts of a {@link Task}. Not thread-safe. */
  public static final class Builder {

    private final String id;
    private final String type;
    private String definitionName = "";
    private String referenceName = "";
    private String workflowId = "";
    private String workflowType = "";
    private int retryCount;
    private int sequence;
    private int pollCount;
    private int iteration;
    private int priority;
    private @Nullable String correlationId;
    private @Nullable String domain;
    private @Nullable String workerId;
    private long scheduledMillis;
    private long startMillis;
    private long updateMillis;
    private Duration responseTimeout = Duration.ZERO;
    private Duration hardTimeout = Duration.ZERO;
    private Duration callbackAfter = Duration.ZERO;
    private Duration startDelay = Duration.ZERO;
    private Payload input = Payload.empty();
    private Payload output = Payload.empty();
    private Payload runtimeMetadata = Payload.empty();

    private Builder(String id, String type) {
      if (id.isBlank()) {
        throw new IllegalArgumentException("id is blank: expected the server's id of a task");
      }
      this.id = id;
      this.type = Objects.requireNonNull(type, "type");
    }

    /**
     * Sets the name of the task's definition, which may differ from its type.
     *
     * @param definitionName the value
     * @return this builder
     */
    public Builder definitionName(String definitionName) {
      this.definitionName = Objects.requireNonNull(definitionName, "definitionName");
      return this;
    }

    /**
     * Sets the task's name within its workflow.
     *
     * @param referenceName the value
     * @return this builder
     */
    public Builder referenceName(String referenceName) {
      this.referenceName = Objects.requireNonNull(referenceName, "referenceName");
      return this;
    }

    /**
     * Sets the id of the workflow instance.
     *
     * @param workflowId the value
     * @return this builder
     */
    public Builder workflowId(String workflowId) {
      this.workflowId = Objects.requireNonNull(workflowId, "workflowId");
      return this;
    }

    /**
     * Sets the name of the workflow.
     *
     * @param workflowType the value
     * @return this builder
     */
    public Builder workflowType(String workflowType) {
      this.workflowType = Objects.requireNonNull(workflowType, "workflowType");
      return this;
    }

    /**
     * Sets how often the task was retried before.
     *
     * @param retryCount the value
     * @return this builder
     */
    public Builder retryCount(int retryCount) {
      this.retryCount = retryCount;
      return this;
    }

    /**
     * Sets the task's place in its workflow.
     *
     * @param sequence the value
     * @return this builder
     */
    public Builder sequence(int sequence) {
      this.sequence = sequence;
      return this;
    }

    /**
     * Sets how often the server has handed this task out, this time included; 0 if it did not say.
     *
     * @param pollCount the value
     * @return this builder
     */
    public Builder pollCount(int pollCount) {
      this.pollCount = pollCount;
      return this;
    }

    /**
     * Sets the iteration, for a task inside a loop; else 0.
     *
     * @param iteration the value
     * @return this builder
     */
    public Builder iteration(int iteration) {
      this.iteration = iteration;
      return this;
    }

    /**
     * Sets the workflow's priority.
     *
     * @param priority the value
     * @return this builder
     */
    public Builder priority(int priority) {
      this.priority = priority;
      return this;
    }

    /**
     * Sets the workflow's correlation id, or null.
     *
     * @param correlationId the value
     * @return this builder
     */
    public Builder correlationId(@Nullable String correlationId) {
      this.correlationId = correlationId;
      return this;
    }

    /**
     * Sets the domain it was polled from, or null.
     *
     * @param domain the value
     * @return this builder
     */
    public Builder domain(@Nullable String domain) {
      this.domain = domain;
      return this;
    }

    /**
     * Sets the worker that the server leased it to, or null if it did not say.
     *
     * @param workerId the value
     * @return this builder
     */
    public Builder workerId(@Nullable String workerId) {
      this.workerId = workerId;
      return this;
    }

    /**
     * Sets when the server scheduled it, in its epoch milliseconds; 0 if it did not say.
     *
     * @param scheduledMillis the value
     * @return this builder
     */
    public Builder scheduledMillis(long scheduledMillis) {
      this.scheduledMillis = scheduledMillis;
      return this;
    }

    /**
     * Sets when the server first leased it, in its epoch milliseconds; 0 if it did not say.
     *
     * @param startMillis the value
     * @return this builder
     */
    public Builder startMillis(long startMillis) {
      this.startMillis = startMillis;
      return this;
    }

    /**
     * Sets when the server last changed it, in its epoch milliseconds; 0 if it did not say.
     *
     * @param updateMillis the value
     * @return this builder
     */
    public Builder updateMillis(long updateMillis) {
      this.updateMillis = updateMillis;
      return this;
    }

    /**
     * Sets how long the server waits for an answer or an extension; zero for ever.
     *
     * @param responseTimeout the value
     * @return this builder
     */
    public Builder responseTimeout(Duration responseTimeout) {
      this.responseTimeout = Objects.requireNonNull(responseTimeout, "responseTimeout");
      return this;
    }

    /**
     * Sets how long the task may take from its first lease, which no extension moves; zero for
     * ever.
     *
     * @param hardTimeout the value
     * @return this builder
     */
    public Builder hardTimeout(Duration hardTimeout) {
      this.hardTimeout = Objects.requireNonNull(hardTimeout, "hardTimeout");
      return this;
    }

    /**
     * Sets the delay that led to this attempt.
     *
     * @param callbackAfter the value
     * @return this builder
     */
    public Builder callbackAfter(Duration callbackAfter) {
      this.callbackAfter = Objects.requireNonNull(callbackAfter, "callbackAfter");
      return this;
    }

    /**
     * Sets the delay before the first attempt.
     *
     * @param startDelay the value
     * @return this builder
     */
    public Builder startDelay(Duration startDelay) {
      this.startDelay = Objects.requireNonNull(startDelay, "startDelay");
      return this;
    }

    /**
     * Sets the input, not decoded yet.
     *
     * @param input the value
     * @return this builder
     */
    public Builder input(Payload input) {
      this.input = Objects.requireNonNull(input, "input");
      return this;
    }

    /**
     * Sets the output that earlier attempts left, not decoded yet.
     *
     * @param output the value
     * @return this builder
     */
    public Builder output(Payload output) {
      this.output = Objects.requireNonNull(output, "output");
      return this;
    }

    /**
     * Sets secrets that the server resolved for this task; in no log, event or tape.
     *
     * @param runtimeMetadata the value
     * @return this builder
     */
    public Builder runtimeMetadata(Payload runtimeMetadata) {
      this.runtimeMetadata = Objects.requireNonNull(runtimeMetadata, "runtimeMetadata");
      return this;
    }

    /** {@return the task} */
    public Task build() {
      return new Task(this);
    }
  }
}
