package dev.holdfast.store;

import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Attempt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A store in memory: what waits in it is lost when the process ends. Results are kept until the
 * server has answered for them, dead letters until the process ends. The finals of the latest
 * 10,000 attempts that are over are kept as well, so that none of those gets a second one.
 *
 * <p>Every step is done on the subscriber's thread and never blocks.
 */
public final class InMemoryTaskStore implements TaskStore {

  /** How many results may wait if nothing else is said. */
  public static final int DEFAULT_CAPACITY = 1_000;

  private static final FinishResult FINISHED = new FinishResult.Finished();

  private static final int RETAINED = 10_000;

  private final Queue<Attempt> settled = new ConcurrentLinkedQueue<>();
  private final AtomicInteger settledCount = new AtomicInteger();
  private final Map<Attempt, Row> rows = new ConcurrentHashMap<>();
  private final AtomicLong order = new AtomicLong();
  private final Outbox outbox = new MemoryOutbox();
  private final int capacity;

  /** Creates an empty store with the default capacity. */
  public InMemoryTaskStore() {
    this(DEFAULT_CAPACITY);
  }

  /**
   * Creates an empty store.
   *
   * @param capacity how many results may wait, 1 or more
   */
  public InMemoryTaskStore(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity is " + capacity + ": expected 1 or more");
    }
    this.capacity = capacity;
  }

  @Override
  public Mono<StartResult> start(Attempt attempt) {
    return Mono.fromSupplier(
        () -> {
          Row earlier = rows.putIfAbsent(attempt, Row.RUNNING);
          if (earlier == null) {
            return StartResult.STARTED;
          }
          return earlier.status == null
              ? StartResult.ALREADY_STARTED
              : StartResult.ALREADY_FINISHED;
        });
  }

  @Override
  public Mono<FinishResult> finish(
      Attempt attempt, FinalStatus status, @Nullable TaskUpdate update) {
    return Mono.fromSupplier(
        () -> {
          Row mine = new Row(status, update, null, order.incrementAndGet());
          while (true) {
            Row seen = rows.get(attempt);
            if (seen != null && seen.status != null) {
              return new FinishResult.AlreadyFinished(seen.status);
            }
            boolean won =
                seen == null
                    ? rows.putIfAbsent(attempt, mine) == null
                    : rows.replace(attempt, seen, mine);
            if (won) {
              if (update == null) {
                retain(attempt);
              }
              return FINISHED;
            }
          }
        });
  }

  @Override
  public Outbox outbox() {
    return outbox;
  }

  /** {@return the results that the server refused for good, oldest first} */
  public List<OutboxEntry> deadLetters() {
    return entries(true);
  }

  /** Keeps the final of an attempt that is over, as long as it is among the latest. */
  private void retain(Attempt attempt) {
    settled.add(attempt);
    if (settledCount.incrementAndGet() > RETAINED) {
      Attempt oldest = settled.poll();
      if (oldest != null) {
        settledCount.decrementAndGet();
        rows.remove(oldest);
      }
    }
  }

  private List<OutboxEntry> entries(boolean dead) {
    List<Map.Entry<Attempt, Row>> found = new ArrayList<>();
    rows.forEach(
        (attempt, row) -> {
          if (row.update != null && (row.deadReason != null) == dead) {
            found.add(Map.entry(attempt, row));
          }
        });
    found.sort(Comparator.comparingLong(entry -> entry.getValue().order));
    List<OutboxEntry> entries = new ArrayList<>(found.size());
    for (Map.Entry<Attempt, Row> entry : found) {
      TaskUpdate update = entry.getValue().update;
      if (update != null) {
        entries.add(new OutboxEntry(entry.getKey(), update));
      }
    }
    return entries;
  }

  /** The status is null while the attempt runs; a reason makes it a dead letter. */
  private record Row(
      @Nullable FinalStatus status,
      @Nullable TaskUpdate update,
      @Nullable String deadReason,
      long order) {
    static final Row RUNNING = new Row(null, null, null, 0);

    Row settled() {
      return new Row(status, null, null, order);
    }
  }

  private final class MemoryOutbox implements Outbox {
    @Override
    public int capacity() {
      return capacity;
    }

    @Override
    public Flux<OutboxEntry> waiting() {
      return Flux.defer(() -> Flux.fromIterable(entries(false)));
    }

    @Override
    public Mono<Void> delivered(Attempt attempt) {
      return Mono.fromRunnable(
          () -> {
            Row row = rows.get(attempt);
            if (row != null && row.update != null && rows.replace(attempt, row, row.settled())) {
              retain(attempt);
            }
          });
    }

    @Override
    public Mono<Void> deadLetter(Attempt attempt, String reason) {
      return Mono.fromRunnable(
          () ->
              rows.computeIfPresent(
                  attempt,
                  (key, row) ->
                      row.update == null
                          ? row
                          : new Row(row.status, row.update, reason, row.order)));
    }
  }
}
