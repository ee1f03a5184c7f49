package dev.holdfast.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A journal in memory: it outlives its owner, and ends with the process. It grows with what its
 * owner does not forget.
 *
 * <p>Every step is done on the subscriber's thread; a step waits only for another step, never for
 * anything outside.
 */
public final class InMemoryJournal implements Journal {

  private final TreeMap<Long, JournalEntry> entries = new TreeMap<>();
  private final Map<String, List<Long>> numbers = new HashMap<>();
  private long last;

  /** Creates an empty journal. */
  public InMemoryJournal() {}

  @Override
  public Mono<Long> append(List<JournalRecord> batch) {
    List<JournalRecord> records = List.copyOf(batch);
    if (records.isEmpty()) {
      throw new IllegalArgumentException("the batch is empty: expected a record or more");
    }
    return Mono.fromSupplier(() -> keep(records));
  }

  @Override
  public Flux<JournalEntry> replay() {
    return Flux.defer(() -> Flux.fromIterable(all()));
  }

  @Override
  public Flux<JournalEntry> replay(String key, long from) {
    return Flux.defer(() -> Flux.fromIterable(under(key, from)));
  }

  @Override
  public Mono<Void> forget(Collection<String> keys) {
    List<String> gone = List.copyOf(keys);
    return Mono.fromRunnable(() -> drop(gone));
  }

  @Override
  public String where() {
    return "memory";
  }

  private synchronized long keep(List<JournalRecord> records) {
    for (JournalRecord record : records) {
      if (record.isReplacing()) {
        drop(List.of(record.key()));
      }
      long number = ++last;
      entries.put(number, new JournalEntry(number, record));
      numbers.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(number);
    }
    return last;
  }

  private synchronized void drop(List<String> keys) {
    for (String key : keys) {
      List<Long> gone = numbers.remove(key);
      if (gone != null) {
        gone.forEach(entries::remove);
      }
    }
  }

  private synchronized List<JournalEntry> all() {
    return List.copyOf(entries.values());
  }

  private synchronized List<JournalEntry> under(String key, long from) {
    List<JournalEntry> found = new ArrayList<>();
    for (Long number : numbers.getOrDefault(key, List.of())) {
      JournalEntry entry = entries.get(number);
      if (entry != null && number >= from) {
        found.add(entry);
      }
    }
    return found;
  }
}
