package dev.holdfast.conductor;

import dev.holdfast.client.Polled;
import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An answer that brings tasks, handed out one by one as they come in. */
final class PolledReply implements Reply<Polled>, ElementSplitter.Sink {

  private final Exchange exchange;
  private final String contentType;
  private final int maxTaskBytes;
  private final @Nullable String polledType;
  private final ElementSplitter splitter;
  private List<Polled> ready = List.of();

  /**
   * Reads an answer.
   *
   * @param polledType the type that was asked for; null if the answer is one task, of a type that
   *     the server knows
   */
  PolledReply(
      Exchange exchange, String contentType, int maxTaskBytes, @Nullable String polledType) {
    this.exchange = exchange;
    this.contentType = contentType;
    this.maxTaskBytes = maxTaskBytes;
    this.polledType = polledType;
    this.splitter =
        polledType == null
            ? ElementSplitter.ofOne(maxTaskBytes, this)
            : ElementSplitter.ofArray(maxTaskBytes, this);
  }

  @Override
  public List<Polled> read(byte[] chunk, int length) {
    splitter.feed(chunk, 0, length);
    List<Polled> complete = ready;
    ready = List.of();
    return complete;
  }

  @Override
  public boolean isSated() {
    return splitter.isBroken();
  }

  @Override
  public List<Polled> end() {
    if (splitter.isComplete() || (splitter.isBlank() && mayBeEmpty())) {
      return List.of();
    }
    String fault = splitter.fault();
    if (fault == null) {
      fault = splitter.isBlank() ? "it is empty" : "it ends in the middle";
    }
    throw ServerFailure.of(
            Kind.BROKEN,
            exchange.status() + " " + contentType + " from " + exchange.call + ": " + fault,
            null)
        .withStatus(exchange.status())
        .withMaybeApplied(true)
        .withReplyCut(true);
  }

  @Override
  public void element(byte[] bytes, int from, int length) {
    add(TaskReader.read(bytes, from, length, polledType));
  }

  @Override
  public void oversized(JsonSkeleton skeleton, long size) {
    add(TaskReader.oversized(skeleton, size, maxTaskBytes, polledType));
  }

  /** No content is an answer of 204, and of some servers to a call for one task. */
  private boolean mayBeEmpty() {
    return exchange.status() == 204 || polledType == null;
  }

  private void add(Polled polled) {
    if (ready.isEmpty()) {
      ready = new ArrayList<>();
    }
    ready.add(polled);
  }
}
