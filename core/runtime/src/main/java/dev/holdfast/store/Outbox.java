package dev.holdfast.store;

import dev.holdfast.task.Attempt;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The role of a store that keeps finished results until the server has answered for them. Entries
 * get in only through {@link TaskStore#finish}, in the same step as the final.
 */
public interface Outbox {

  /**
   * How many entries it holds at most. A worker reserves a place before it asks for a task, so that
   * recording is never refused for room.
   *
   * @return the bound, 1 or more
   */
  int capacity();

  /**
   * The entries that wait now, oldest first, dead letters left out.
   *
   * @return a cold flux; completes after the last
   */
  Flux<OutboxEntry> waiting();

  /**
   * Takes an entry out because the server has answered for it.
   *
   * @param attempt the entry's attempt
   * @return completes when it is out; completes as well if there is none
   */
  Mono<Void> delivered(Attempt attempt);

  /**
   * Sets an entry aside because the server refuses it for good. It is kept and counted, and not
   * sent again unless somebody asks for it.
   *
   * @param attempt the entry's attempt
   * @param reason one line for people
   * @return completes when that is recorded; completes as well if there is none
   */
  Mono<Void> deadLetter(Attempt attempt, String reason);
}
