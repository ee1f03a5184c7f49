package dev.holdfast.worker;

import dev.holdfast.task.TaskHandler;
import java.util.List;
import java.util.stream.IntStream;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Lanes as the turns see them. */
final class Lanes {

  static final TaskHandler NOTHING = TaskHandler.of(context -> Mono.empty());

  private Lanes() {}

  static Lane of(String type, int slots) {
    return new Lane(TaskSpec.of(type, NOTHING), slots);
  }

  static List<Lane> of(int types, int slots) {
    return IntStream.range(0, types).mapToObj(number -> of("type" + number, slots)).toList();
  }

  /** A lane that asks for its turn. */
  static Lane waiting(String type, int slots) {
    Lane lane = of(type, slots);
    ask(lane);
    return lane;
  }

  /** A lane that asks for its turn and whose last poll was full. */
  static Lane hot(String type, int slots, long askedAtNanos) {
    Lane lane = asked(type, slots, askedAtNanos);
    lane.hot = true;
    return lane;
  }

  /** A lane that asks for its turn and whose last poll was empty. */
  static Lane asked(String type, int slots, long askedAtNanos) {
    Lane lane = waiting(type, slots);
    lane.asked = true;
    lane.askedAtNanos = askedAtNanos;
    lane.notBeforeNanos = askedAtNanos;
    return lane;
  }

  static void ask(Lane lane) {
    Disposable never = Mono.<PollTicket>create(lane.waiting::set).subscribe();
    if (never.isDisposed()) {
      throw new IllegalStateException("a lane that waits is not done: expected it to wait");
    }
  }
}
