package dev.holdfast.conductor;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import dev.holdfast.client.TaskState;
import java.util.List;

/** A task of any size, of which only the state is kept. */
final class StateReply implements Reply<TaskState> {

  private final Exchange exchange;
  private final String contentType;
  private final JsonSkeleton skeleton = new JsonSkeleton();
  private final BoundedBody start = new BoundedBody();

  StateReply(Exchange exchange, String contentType) {
    this.exchange = exchange;
    this.contentType = contentType;
  }

  @Override
  public List<TaskState> read(byte[] chunk, int length) {
    if (start.length() == 0) {
      start.add(chunk, length);
    }
    skeleton.feed(chunk, 0, length);
    return List.of();
  }

  @Override
  public boolean isSated() {
    return false;
  }

  @Override
  public List<TaskState> end() {
    if (exchange.status() == 204) {
      return List.of();
    }
    TaskState state = skeleton.isComplete() ? TaskReader.state(skeleton) : null;
    if (state == null) {
      String text =
          exchange.status()
              + " from "
              + exchange.call
              + ": expected a task, not "
              + contentType
              + " ";
      throw ServerFailure.of(Kind.BROKEN, text + start.excerpt(), null)
          .withStatus(exchange.status())
          .withReplyCut(!skeleton.isComplete());
    }
    return List.of(state);
  }
}
