package dev.holdfast.testkit;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.TaskStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What must hold of the books. Each method lists what does not; called with the board held. */
final class Invariants {

  private final TaskBoard board;
  private final FakeWire wire;

  Invariants(TaskBoard board, FakeWire wire) {
    this.board = board;
    this.wire = wire;
  }

  List<String> lost() {
    List<String> found = new ArrayList<>();
    for (FakeTask task : board.tasks.values()) {
      String how = task.lease != null ? heldByNobody(task.lease) : null;
      for (FakeLease lease : task.leases) {
        how = how != null ? how : forgotten(lease);
      }
      if (how != null) {
        found.add(task.id + " is lost: " + how + task.workflow.story());
      }
    }
    return found;
  }

  /** A lease that lives for ever and that no caller knows of. */
  private static @Nullable String heldByNobody(FakeLease lease) {
    boolean lapses = !lease.spec.responseTimeout().isZero() || !lease.spec.hardTimeout().isZero();
    return !lapses && lease.stranded && lease.deliveries == 0
        ? "it is leased for ever by an answer that never arrived"
        : null;
  }

  /** A lease that reached its worker and lapsed although nothing kept the worker from answering. */
  private @Nullable String forgotten(FakeLease lease) {
    boolean lapsed = lease.task.status == TaskStatus.TIMED_OUT && lease.isLast();
    if (!lapsed || lease.deliveries == 0 || lease.wasAnsweredFor()) {
      return null;
    }
    FakeRun run = lease.run();
    if (run == null) {
      return board.observed
          ? "it was delivered, neither run nor handed back, and its lease lapsed"
          : null;
    }
    return switch (run.ending) {
      case COMPLETED, FAILED ->
          learntThatItIsLate(lease)
              ? null
              : "it was run, its result was never sent, and its lease lapsed";
      case RUNNING, CANCELLED -> null;
    };
  }

  /** Whether somebody asked for the task after the lease had lapsed, and was told. */
  private boolean learntThatItIsLate(FakeLease lease) {
    for (FakeCall<?> call : wire.calls) {
      if (call.request.kind() == Call.FIND
          && lease.task.id.equals(call.request.taskId())
          && call.beginNanos >= lease.endNanos
          && call.ending == CallRecord.Ending.ANSWERED) {
        return true;
      }
    }
    return false;
  }

  List<String> unfinished() {
    List<String> found = new ArrayList<>();
    for (FakeWorkflow workflow : board.workflows) {
      FakeTask task = workflow.current();
      if (task.status != TaskStatus.COMPLETED && task.status != TaskStatus.CANCELED) {
        found.add(task.id + " is " + task.status + " and not COMPLETED" + workflow.story());
      }
    }
    return found;
  }

  List<String> updates() {
    Map<String, List<FakeUpdate>> attempts = new LinkedHashMap<>();
    for (FakeUpdate sent : wire.updates) {
      if (sent.task != null) {
        attempts
            .computeIfAbsent(sent.task.id + "#" + sent.pollCount, key -> new ArrayList<>())
            .add(sent);
      }
    }
    List<String> found = new ArrayList<>();
    attempts.forEach((attempt, sent) -> judge(attempt, sent, found));
    return found;
  }

  private void judge(String attempt, List<FakeUpdate> sent, List<String> found) {
    for (int i = 0; i < sent.size(); i++) {
      FakeUpdate update = sent.get(i);
      String wrong = i == 0 ? null : wrong(update, sent.get(i - 1), sent.get(0));
      if (wrong == null && update.pulledFrom > 0) {
        wrong = "a " + update.name() + " took the task from its holder #" + update.pulledFrom;
      }
      if (wrong != null && update.task != null) {
        found.add(attempt + ": " + wrong + update.task.workflow.story());
      }
    }
  }

  private @Nullable String wrong(FakeUpdate update, FakeUpdate previous, FakeUpdate first) {
    if (!update.sameAs(first)) {
      return "two different updates, " + first.name() + " and " + update.name();
    }
    ServerFailure failure = previous.call.failure;
    String why =
        switch (previous.call.endingBefore(update.call)) {
          case OPEN -> "before the one before it was answered";
          case ANSWERED -> "although the one before it was answered";
          case FAILED ->
              failure != null && failure.kind() == ServerFailure.Kind.REJECTED
                  ? "although the one before it was rejected"
                  : unasked(update, previous, failure);
          case CANCELLED -> unasked(update, previous, null);
        };
    return why == null ? null : update.name() + " was sent again " + why;
  }

  private @Nullable String unasked(
      FakeUpdate update, FakeUpdate previous, @Nullable ServerFailure failure) {
    boolean ambiguous = failure == null || failure.maybeApplied();
    return ambiguous && !update.update.isIdempotent() && !askedBetween(previous, update)
        ? "after an ambiguous failure without a find in between"
        : null;
  }

  private boolean askedBetween(FakeUpdate previous, FakeUpdate update) {
    for (FakeCall<?> call : wire.calls) {
      if (call.request.kind() == Call.FIND
          && update.update.taskId().equals(call.request.taskId())
          && call.beginOrder > previous.call.endOrder
          && call.endingBefore(update.call) == CallRecord.Ending.ANSWERED) {
        return true;
      }
    }
    return false;
  }

  List<String> cancelledPolls() {
    List<String> found = new ArrayList<>();
    for (FakeCall<?> call : wire.calls) {
      if (call.request.kind().leases() && call.ending == CallRecord.Ending.CANCELLED) {
        found.add("a call that leases was cancelled: " + call.snapshot());
      }
    }
    return found;
  }

  static void check(List<String> found) {
    if (!found.isEmpty()) {
      int shown = Math.min(5, found.size());
      throw new AssertionError(
          String.join("\n", found.subList(0, shown))
              + (found.size() > shown ? "\nand " + (found.size() - shown) + " more" : ""));
    }
  }
}
