package dev.holdfast.store;

import java.util.Collection;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Keeps the state changes of one owner in order, so that its state can be rebuilt from them. All
 * publishers are cold; signals may come on any thread.
 *
 * <p>One owner writes at a time: it subscribes to the next {@link #append} or {@link #forget} when
 * the one before has ended. Reading is possible beside it, from anywhere.
 *
 * <p><b>Durability.</b> When {@code append} completes, the batch is kept as safely as this journal
 * keeps anything, all of it; what was not appended before is never seen after. When it errors, the
 * batch is kept as a whole or not at all, and the owner can't know which: it must rebuild its state
 * by {@link #replay} before it goes on. Cancelling an append that was subscribed to undoes nothing.
 */
public interface Journal {

  /**
   * Appends a batch in one step, under numbers that follow all earlier ones.
   *
   * @param batch what to append, in order, not empty
   * @return the number of the last of them, once they are kept
   */
  Mono<Long> append(List<JournalRecord> batch);

  /**
   * All that is kept, in the order of appending.
   *
   * @return completes after the last entry that was kept when it was subscribed to
   */
  Flux<JournalEntry> replay();

  /**
   * What is kept under a key, in the order of appending: the tape of one thing.
   *
   * @param key the key
   * @param from the number to begin at; 0 for the start
   * @return completes after the last entry that was kept when it was subscribed to; empty if there
   *     is none
   */
  Flux<JournalEntry> replay(String key, long from);

  /**
   * Drops all entries of these keys, because what they tell is over and nobody will ask. Numbers
   * are never used again. It may be repeated; what has nothing under it is passed over.
   *
   * @param keys the keys
   * @return completes once they are gone
   */
  Mono<Void> forget(Collection<String> keys);

  /** {@return where it is kept, for people to read: such as {@code memory}} */
  String where();
}
