package dev.holdfast.store;

import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Attempt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
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
          Row earlier = rows.putIfAbsent(attempt, new Row(State.RUNNING));
          if (earlier == null) {
            return StartResult.STARTED;
          }
          return earlier.state().status == null
              ? StartResult.ALREADY_STARTED
              : StartResult.ALREADY_FINISHED;
        });
  }

  @Override
  public Mono<FinishResult> finish(
      Attempt attempt, FinalStatus status, @Nullable TaskUpdate update) {
    return Mono.fromSupplier(
        () -> {
          State mine = new State(status, update, null, order.incrementAndGet());
          Row row = rows.get(attempt);
          if (row == null) {
            row = rows.putIfAbsent(attempt, new Row(mine));
          }
          // Null: it never started, and this is its row.
          while (row != null) {
            State seen = row.state();
            if (seen.status != null) {
              return new FinishResult.AlreadyFinished(seen.status);
            }
            if (row.compareAndSet(seen, mine)) {
              break;
            }
          }
          if (update == null) {
            retain(attempt);
          }
          return FINISHED;
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
    List<Map.Entry<Attempt, State>> found = new ArrayList<>();
    rows.forEach(
        (attempt, row) -> {
          State state = row.state();
          if (state.update != null && (state.deadReason != null) == dead) {
            found.add(Map.entry(attempt, state));
          }
        });
    found.sort(Comparator.comparingLong(entry -> entry.getValue().order));
    List<OutboxEntry> entries = new ArrayList<>(found.size());
    for (Map.Entry<Attempt, State> entry : found) {
      TaskUpdate update = entry.getValue().update;
      if (update != null) {
        entries.add(new OutboxEntry(entry.getKey(), update));
      }
    }
    return entries;
  }

  /** The status is null while the attempt runs; a reason makes it a dead letter. */
  private record State(
      @Nullable FinalStatus status,
      @Nullable TaskUpdate update,
      @Nullable String deadReason,
      long order) {
    static final State RUNNING = new State(null, null, null, 0);

    State settled() {
      return new State(status, null, null, order);
    }
  }

  /** An attempt's state, which moves without another look at the map. */
  private static final class Row extends AtomicReference<State> {
    private static final long serialVersionUID = 1L;

    Row(State state) {
      super(state);
    }

    State state() {
      return Objects.requireNonNull(get());
    }

    /** Takes a waiting result's state to another; false if none waits. */
    boolean move(UnaryOperator<State> to) {
      while (true) {
        State seen = state();
        if (seen.update == null) {
          return false;
        }
        if (compareAndSet(seen, to.apply(seen))) {
          return true;
        }
      }
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
            if (row != null && row.move(State::settled)) {
              retain(attempt);
            }
          });
    }

    @Override
    public Mono<Void> deadLetter(Attempt attempt, String reason) {
      return Mono.fromRunnable(
          () -> {
            Row row = rows.get(attempt);
            if (row != null) {
              row.move(seen -> new State(seen.status, seen.update, reason, seen.order));
            }
          });
    }
  }
}
