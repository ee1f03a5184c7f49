package dev.holdfast.conductor;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A small answer that is read as a whole; a web page, which no call answers with, is none. */
final class WholeReply<T> implements Reply<T> {

  private final Exchange exchange;
  private final String contentType;
  private final Function<BoundedBody, @Nullable T> parser;
  private final String expected;
  private final BoundedBody body = new BoundedBody();

  /**
   * Reads an answer.
   *
   * @param expected what it should be, for people
   * @param parser makes the value of it, or null if it can't
   */
  WholeReply(
      Exchange exchange,
      String contentType,
      String expected,
      Function<BoundedBody, @Nullable T> parser) {
    this.exchange = exchange;
    this.contentType = contentType;
    this.expected = expected;
    this.parser = parser;
  }

  @Override
  public List<T> read(byte[] chunk, int length) {
    body.add(chunk, length);
    return List.of();
  }

  @Override
  public boolean isSated() {
    return body.isCut();
  }

  @Override
  public List<T> end() {
    if (body.isCut()) {
      throw broken("the answer is longer than " + BoundedBody.LIMIT + " bytes");
    }
    boolean page = contentType.startsWith("text/html") || body.startsWith('<');
    T value = page ? null : parser.apply(body);
    if (value == null) {
      throw broken("expected " + expected + ", not " + contentType + " " + body.excerpt());
    }
    return List.of(value);
  }

  private ServerFailure broken(String why) {
    String text = exchange.status() + " from " + exchange.call + ": " + why;
    return ServerFailure.of(Kind.BROKEN, text, null)
        .withStatus(exchange.status())
        .withMaybeApplied(true);
  }
}
