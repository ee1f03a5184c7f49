package dev.holdfast.store;

import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Attempt;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Records attempts, and keeps their results until the server has answered. All publishers are cold;
 * callers may be on any thread and never lock.
 *
 * <table>
 *   <caption>Legal moves of an attempt</caption>
 *   <tr><th>from</th><th>start</th><th>finish</th></tr>
 *   <tr><td>unknown</td><td>running</td><td>finished (it never started)</td></tr>
 *   <tr><td>running</td><td>refused: already started</td><td>finished</td></tr>
 *   <tr><td>finished</td><td>refused: already finished</td><td>refused: the winner's status</td></tr>
 * </table>
 */
public interface TaskStore {

  /**
   * Claims an attempt for running, by compare-and-set.
   *
   * @param attempt the attempt
   * @return whether it is the caller's to run
   */
  Mono<StartResult> start(Attempt attempt);

  /**
   * Ends an attempt in one atomic step: sets its one final status and queues its result. Once the
   * mono is subscribed, a cancel no longer undoes it.
   *
   * @param attempt the attempt, started or not
   * @param status how it ended
   * @param update what to send, or null if nothing is
   * @return whether this final won
   */
  Mono<FinishResult> finish(Attempt attempt, FinalStatus status, @Nullable TaskUpdate update);

  /** {@return the results that wait} */
  Outbox outbox();
}
