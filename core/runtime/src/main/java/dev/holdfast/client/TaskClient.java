package dev.holdfast.client;

import dev.holdfast.task.PayloadCodec;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One task server. All publishers are cold: each subscription is one call, with no retry of its
 * own, and each ends within the client's deadline. Every error is a {@link ServerFailure}. Signals
 * come on the client's own threads, which must not be blocked. Thread-safe.
 */
public interface TaskClient {

  /** {@return the name of this server, by which attempts remember who leased them} */
  String region();

  /** {@return the codec of the payloads that this client carries} */
  PayloadCodec codec();

  /**
   * How long one update takes at most, from the call to its end by answer or by deadline. A handler
   * is given so much less than the server's hard limit, so that its result still arrives.
   *
   * @return more than zero; 15 s unless the client says otherwise
   */
  default Duration callTimeout() {
    return Duration.ofSeconds(15);
  }

  /**
   * Leases tasks. Each element is emitted as it is read. Whoever asks must demand without bound, be
   * ready for {@code count} elements and tolerate more. A poll that is cancelled strands what the
   * server leased meanwhile, so don't.
   *
   * @param request what to ask for
   * @return the elements; empty if there was nothing. An answer that breaks off emits what came and
   *     then fails with {@link ServerFailure#replyCut()}
   */
  Flux<Polled> poll(PollRequest request);

  /**
   * Reports a result, or hands a task back.
   *
   * @param update the result
   * @return completes when the server has answered for it
   */
  Mono<Void> update(TaskUpdate update);

  /**
   * Reports a terminal result and leases the next task of the same type and domain in one call. If
   * the answer is lost, the result is sent again by {@link #update}, since repeating this call
   * would lease another task. Like {@link #poll} it must not be cancelled.
   *
   * @param update a terminal result
   * @return the next task; empty if there is none or the server does not offer this call
   */
  Mono<Polled> updateAndPoll(TaskUpdate update);

  /**
   * Extends the lease of a task by its response timeout. The server answers alike for a task that
   * has ended: only {@link #find} tells.
   *
   * @param taskId the task
   * @param workflowId its workflow instance
   * @param workerId the worker id under which it was leased
   * @return completes when the server has answered
   */
  Mono<Void> extendLease(String taskId, String workflowId, String workerId);

  /**
   * Appends to the task's log.
   *
   * @param taskId the task
   * @param text the text
   * @return completes when the server has answered
   */
  Mono<Void> log(String taskId, String text);

  /**
   * Asks for the state of a task.
   *
   * @param taskId the task
   * @return its state; empty if the server does not know it
   */
  Mono<TaskState> find(String taskId);

  /**
   * Asks how many tasks wait. It leases nothing, goes through authentication and the queue, and so
   * serves as a probe.
   *
   * @param taskType the task type
   * @param domain the domain, or null for none
   * @return the number
   */
  Mono<Long> queueSize(String taskType, @Nullable String domain);

  /**
   * Closes the connections and ends the threads of this client. Idempotent; calls in flight fail.
   *
   * @return completes when everything is closed
   */
  Mono<Void> close();
}
