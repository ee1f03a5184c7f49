package dev.holdfast.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ServerFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

@Timeout(60)
class TokenSourceTest {

  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  private final Deque<Mono<String>> answers = new ArrayDeque<>();
  private final AtomicInteger fetches = new AtomicInteger();
  private final TokenSource tokens =
      new TokenSource(
          Mono.defer(
              () -> {
                fetches.incrementAndGet();
                return answers.remove();
              }),
          time);

  @Test
  void aTokenIsUsedFor45MinutesAndThenRenewedBehindTheCall() {
    answers.add(Mono.just("one"));
    expect("one");
    time.advanceTimeBy(Duration.ofMinutes(45).minusMillis(1));
    expect("one");
    assertThat(fetches).hasValue(1);
    Sinks.One<String> renewal = Sinks.one();
    answers.add(renewal.asMono());
    time.advanceTimeBy(Duration.ofMillis(1));
    expect("one");
    expect("one");
    assertThat(fetches).hasValue(2);
    assertThat(renewal.tryEmitValue("two")).isEqualTo(Sinks.EmitResult.OK);
    expect("two");
    assertThat(fetches).hasValue(2);
  }

  @Test
  void anOutageOfTheRenewalFailsNoCallAndIsTriedAgainAfterAPause() {
    answers.add(Mono.just("one"));
    expect("one");
    time.advanceTimeBy(Duration.ofMinutes(50));
    answers.add(outage());
    expect("one");
    expect("one");
    time.advanceTimeBy(Duration.ofSeconds(29));
    expect("one");
    assertThat(fetches).hasValue(2);
    time.advanceTimeBy(Duration.ofSeconds(1));
    answers.add(Mono.just("two"));
    expect("one");
    expect("two");
    assertThat(fetches).hasValue(3);
  }

  @Test
  void aFailedFirstFetchIsTriedAgainByTheNextCall() {
    answers.add(outage());
    tokens.current().as(StepVerifier::create).verifyError(ServerFailure.class);
    answers.add(Mono.just("one"));
    expect("one");
  }

  @Test
  void aRefusedTokenIsReplacedOnceHoweverManyReportIt() {
    answers.add(Mono.just("one"));
    TokenSource.Token first = tokens.current().blockOptional().orElseThrow();
    answers.add(Mono.just("one"));
    TokenSource.Token second = tokens.replacing(first).blockOptional().orElseThrow();
    assertThat(second).isNotSameAs(first);
    assertThat(tokens.replacing(first).block()).isSameAs(second);
    assertThat(fetches).hasValue(2);
  }

  private static Mono<String> outage() {
    return Mono.error(ServerFailure.of(ServerFailure.Kind.UNREACHABLE, "down", null));
  }

  private void expect(String token) {
    tokens
        .current()
        .as(StepVerifier::create)
        .assertNext(next -> assertThat(next.value()).isEqualTo(token))
        .verifyComplete();
  }
}
