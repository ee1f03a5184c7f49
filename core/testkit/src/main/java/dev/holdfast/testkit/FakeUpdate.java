package dev.holdfast.testkit;

import dev.holdfast.client.TaskUpdate;
import dev.holdfast.task.Payload;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One update on its way or booked. Guarded by the {@link TaskBoard}. */
final class FakeUpdate {

  final TaskUpdate update;
  final @Nullable FakeTask task;
  final int pollCount;
  final FakeCall<?> call;

  UpdateRecord.Effect effect = UpdateRecord.Effect.NOT_APPLIED;

  /** The attempt from which it took the task although it was of another, or 0. */
  int pulledFrom;

  FakeUpdate(TaskUpdate update, @Nullable FakeTask task, int pollCount, FakeCall<?> call) {
    this.update = update;
    this.task = task;
    this.pollCount = pollCount;
    this.call = call;
  }

  boolean sameAs(FakeUpdate other) {
    TaskUpdate one = update;
    TaskUpdate two = other.update;
    return one.status() == two.status()
        && one.workerId().equals(two.workerId())
        && one.callbackAfter().equals(two.callbackAfter())
        && Objects.equals(one.reason(), two.reason())
        && bytes(one.output()).equals(bytes(two.output()));
  }

  private static Object bytes(Payload payload) {
    return payload.encode(FakeCodec.INSTANCE).bytes();
  }

  String name() {
    return update.status()
        + (update.reason() == null ? "" : " (" + update.reason() + ")")
        + " by "
        + update.workerId();
  }

  UpdateRecord snapshot() {
    return new UpdateRecord(update, pollCount, effect, call.snapshot());
  }
}
