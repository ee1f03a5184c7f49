package dev.holdfast.local;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The way of leased tasks to the client that asked for them. If it has gone before its answer
 * begins to be written, they are given back; from then on the client may have them, and the lease
 * decides.
 *
 * <table>
 *   <caption>Legal moves</caption>
 *   <tr><th>from</th><th>leased</th><th>begin</th><th>end</th></tr>
 *   <tr><td>open</td><td>holding</td><td>writing</td><td>over</td></tr>
 *   <tr><td>holding</td><td>–</td><td>writing</td><td>over: gives back</td></tr>
 *   <tr><td>writing</td><td>–</td><td>–</td><td>over</td></tr>
 *   <tr><td>over</td><td>over: gives back</td><td>refused</td><td>over</td></tr>
 * </table>
 */
final class Delivery {

  private enum Stage {
    OPEN,
    HOLDING,
    WRITING,
    OVER
  }

  private record State(Stage stage, List<TaskView> leased) {}

  private static final State OPEN = new State(Stage.OPEN, List.of());
  private static final State WRITING = new State(Stage.WRITING, List.of());
  private static final State OVER = new State(Stage.OVER, List.of());

  private final AtomicReference<State> state = new AtomicReference<>(OPEN);
  private final Consumer<List<TaskView>> giveBack;

  Delivery(Consumer<List<TaskView>> giveBack) {
    this.giveBack = giveBack;
  }

  /** Takes charge of leased tasks. */
  void leased(List<TaskView> tasks) {
    if (!tasks.isEmpty()
        && !state.compareAndSet(OPEN, new State(Stage.HOLDING, List.copyOf(tasks)))) {
      giveBack.accept(tasks);
    }
  }

  /** Whether the answer may be written; from then on nothing is given back. */
  boolean begin() {
    State seen = Objects.requireNonNull(state.get());
    return seen.stage() != Stage.OVER && state.compareAndSet(seen, WRITING);
  }

  /** Ends it, however the request ended. */
  void end() {
    State last = Objects.requireNonNull(state.getAndSet(OVER));
    if (last.stage() == Stage.HOLDING) {
      giveBack.accept(last.leased());
    }
  }
}
