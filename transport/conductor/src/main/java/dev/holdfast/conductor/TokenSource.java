package dev.holdfast.conductor;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The token that calls carry. It is fetched by the first call that needs one while the others wait
 * for the same answer, whoever of them leaves; after 45 minutes the next call starts a renewal and
 * goes on with the old one, so that an outage of the renewal fails no call while that still works.
 *
 * <p>This is the owner of the renewal's subscription, which ends by the call's own deadline.
 */
final class TokenSource {

  private static final Logger LOG = LoggerFactory.getLogger(TokenSource.class);
  private static final Duration RENEW_AFTER = Duration.ofMinutes(45);
  private static final Duration PAUSE = Duration.ofSeconds(30);

  /** A token, told from another by identity: the server may hand the same text out again. */
  static final class Token {
    private final String text;
    private final long dueNanos;

    Token(String text, long dueNanos) {
      this.text = text;
      this.dueNanos = dueNanos;
    }

    /** What to send; null if the server has authentication off. */
    @Nullable String value() {
      return text.isEmpty() ? null : text;
    }
  }

  /** What is held, and the fetch that is under way. */
  private record State(@Nullable Token held, @Nullable Mono<Token> flight) {}

  private final Mono<String> fetch;
  private final Scheduler clock;
  private final AtomicReference<State> state = new AtomicReference<>(new State(null, null));

  /**
   * A source with nothing in it.
   *
   * @param fetch gets a token from the server; an empty text if authentication is off
   */
  TokenSource(Mono<String> fetch, Scheduler clock) {
    this.fetch = fetch;
    this.clock = clock;
  }

  /** The token to use now. */
  Mono<Token> current() {
    return Mono.defer(
        () -> {
          Token held = state().held();
          if (held == null) {
            return flight();
          }
          if (now() - held.dueNanos >= 0) {
            renewBehind(held);
          }
          return Mono.just(held);
        });
  }

  /** Another token than this one, which the server refused. */
  Mono<Token> replacing(Token refused) {
    return Mono.defer(
        () -> {
          State seen = state();
          if (seen.held() == refused) {
            state.compareAndSet(seen, new State(null, seen.flight()));
          }
          return current();
        });
  }

  private Mono<Token> flight() {
    while (true) {
      State seen = state();
      if (seen.flight() != null) {
        return seen.flight();
      }
      Mono<Token> fresh = newFlight();
      if (state.compareAndSet(seen, new State(seen.held(), fresh))) {
        return fresh;
      }
    }
  }

  private void renewBehind(Token held) {
    State seen = state();
    if (seen.held() != held || seen.flight() != null) {
      return;
    }
    Mono<Token> fresh = newFlight();
    if (state.compareAndSet(seen, new State(held, fresh))) {
      fresh.subscribe(
          token -> LOG.debug("token renewed"),
          error ->
              LOG.warn("Token not renewed, going on with the old one: {}", error.getMessage()));
    }
  }

  /** Subscribed at most once, however many wait for it, and never cancelled by one of them. */
  private Mono<Token> newFlight() {
    return fetch
        .map(value -> new Token(value, now() + RENEW_AFTER.toNanos()))
        .doOnNext(token -> state.set(new State(token, null)))
        .doOnError(error -> state.updateAndGet(this::landedEmpty))
        .cache();
  }

  /** After a failure the old token, if there is one, is kept, and renewed a little later. */
  private State landedEmpty(State seen) {
    Token held = seen.held();
    return new State(held == null ? null : new Token(held.text, now() + PAUSE.toNanos()), null);
  }

  private State state() {
    return Objects.requireNonNull(state.get());
  }

  private long now() {
    return clock.now(TimeUnit.NANOSECONDS);
  }
}
