package dev.holdfast.outage;

import static dev.holdfast.outage.Rig.BILL;
import static dev.holdfast.outage.Rig.GREET;
import static dev.holdfast.outage.Rig.badKey;
import static dev.holdfast.outage.Rig.busy;
import static dev.holdfast.outage.Rig.html;
import static dev.holdfast.outage.Rig.noSuch;
import static dev.holdfast.outage.Rig.refused;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.holdfast.client.ServerFailure;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lines in the log, to the letter. */
@Timeout(60)
class OutageLinesTest {

  /** Fails at these seconds, from the start. */
  private static void failAt(Rig rig, ServerFailure failure, double... seconds) {
    double at = 0;
    for (double second : seconds) {
      rig.pass(second - at);
      at = second;
      rig.fail(GREET, failure);
    }
  }

  @Test
  void anOutageCountsDownAndSaysWhenItIsOver() {
    try (Rig rig = Rig.limited(120)) {
      failAt(rig, refused(), 0, 2, 6, 14, 24, 34);
      rig.pass(3);
      rig.answer(GREET);
      assertThat(rig.lines()).noneMatch(line -> line.contains("again"));
      rig.pass(5);

      assertThat(rig.lines())
          .containsExactly(
              "WARN Server unreachable — retrying (1s/120s elapsed)",
              "WARN Server unreachable — retrying (6s/120s elapsed)",
              "WARN Server unreachable — retrying (14s/120s elapsed)",
              "WARN Server unreachable — retrying (24s/120s elapsed)",
              "WARN Server unreachable — retrying (34s/120s elapsed)",
              "INFO Server reachable again after 37s (6 attempts)");
    }
  }

  @Test
  void thirtySecondsOfAHundredAndTwentyReadSo() {
    try (Rig rig = Rig.limited(120)) {
      failAt(rig, refused(), 0, 30);
      assertThat(rig.lines()).contains("WARN Server unreachable — retrying (30s/120s elapsed)");
    }
  }

  @Test
  void withoutALimitTheLineSaysSo() {
    try (Rig rig = Rig.never()) {
      failAt(rig, refused(), 0, 3600);
      assertThat(rig.lines())
          .last()
          .isEqualTo("WARN Server unreachable — retrying (3600s elapsed, no limit)");
    }
  }

  @Test
  void overloadHasALineOfItsOwnAndProlongsTheOutage() {
    try (Rig rig = Rig.limited(120)) {
      failAt(rig, refused(), 0);
      rig.pass(10);
      rig.fail(GREET, busy());
      rig.pass(10);
      rig.answer(GREET);
      rig.pass(5);

      assertThat(rig.lines())
          .containsExactly(
              "WARN Server unreachable — retrying (1s/120s elapsed)",
              "WARN Server overloaded — retrying (10s/120s elapsed)",
              "INFO Server answers again after 20s (2 attempts)");
    }
  }

  @Test
  void givingUpNamesTheLimitAndTheLastError() {
    try (Rig rig = Rig.limited(120)) {
      failAt(rig, refused(), 0, 121);
      assertThat(rig.lines())
          .last()
          .isEqualTo(
              "ERROR Server unreachable for >120s, shutting down. Last error: Connection refused");
    }
    try (Rig rig = Rig.limited(120)) {
      failAt(rig, busy(), 0, 121);
      assertThat(rig.lines())
          .last()
          .isEqualTo(
              "ERROR Server overloaded for >120s, shutting down. Last error: 503 Service"
                  + " Unavailable");
    }
  }

  @Test
  void givingUpIsSaidOnce() {
    try (Rig rig = Rig.limited(120)) {
      failAt(rig, refused(), 0, 121, 121, 130, 500);
      assertThat(rig.lines()).filteredOn(line -> line.startsWith("ERROR")).hasSize(1);
    }
  }

  @Test
  void oneOfSeveralRegionsIsNamed() {
    AtomicBoolean anotherAnswers = new AtomicBoolean(true);
    try (Rig rig =
        Rig.of(
            spec -> spec.giveUpAfter(Duration.ofMinutes(2)).region("west", anotherAnswers::get))) {
      failAt(rig, refused(), 0, 30, 150);
      anotherAnswers.set(false);
      rig.pass(60);
      rig.fail(GREET, refused());
      rig.answer(GREET);
      rig.pass(5);

      assertThat(rig.lines())
          .containsExactly(
              "WARN west: Server unreachable — retrying (1s elapsed, another region answers)",
              "WARN west: Server unreachable — retrying (30s elapsed, another region answers)",
              "WARN west: Server unreachable — retrying (150s elapsed, another region answers)",
              "WARN west: Server unreachable — retrying (60s/120s elapsed)",
              "INFO west: Server reachable again after 210s (4 attempts)");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PT0.3S, PT0.2S, (200ms/300ms elapsed)",
    "PT0.3S, PT0.0001S, (1ms/300ms elapsed)",
    "PT1.5S, PT1.2S, (1200ms/1500ms elapsed)",
    "PT1S, PT0.9S, (1s/1s elapsed)",
    "PT2M, PT0.2S, (1s/120s elapsed)",
    "PT2M, PT89.6S, (90s/120s elapsed)",
    "PT2M, PT119.9S, (120s/120s elapsed)",
  })
  void noTimeIsEverZero(Duration limit, Duration elapsed, String expected) {
    Lines lines = new Lines(null, limit);
    assertThat(lines.retrying(ServerFailure.Kind.UNREACHABLE, elapsed.toNanos(), false))
        .isEqualTo("Server unreachable — retrying " + expected);
  }

  @Test
  void aLimitBelowASecondIsNotRoundedToNothing() {
    assertThat(
            new Lines(null, Duration.ofMillis(300))
                .gaveUp(ServerFailure.Kind.UNREACHABLE, refused()))
        .isEqualTo("Server unreachable for >300ms, shutting down. Last error: Connection refused");
  }

  @Test
  void allLoopsShareOneThrottle() {
    try (Rig rig = Rig.never(GREET, BILL)) {
      for (int second = 0; second <= 10; second++) {
        rig.fail(GREET, refused());
        rig.fail(BILL, refused());
        rig.fail(Channel.update(), refused());
        rig.pass(1);
      }
      assertThat(rig.lines()).hasSize(2);
    }
  }

  @Test
  void afterTwoMinutesThereIsALineAMinute() {
    try (Rig rig = Rig.of(spec -> spec.backoff(Duration.ofSeconds(1), Duration.ofSeconds(1)))) {
      for (int second = 0; second < 120; second++) {
        rig.fail(GREET, refused());
        rig.pass(1);
      }
      assertThat(rig.lines()).hasSize(24);
      rig.forgetLines();
      for (int second = 0; second < 3600; second++) {
        rig.fail(GREET, refused());
        rig.pass(1);
      }
      assertThat(rig.lines()).hasSizeBetween(58, 61);
    }
  }

  @Test
  void twoOutagesWithinTheThrottleWindowBothWarn() {
    try (Rig rig = Rig.of(spec -> spec.ramp(Duration.ofSeconds(1)))) {
      rig.fail(GREET, refused());
      rig.pass(1);
      rig.answer(GREET);
      rig.pass(1.5);
      rig.fail(GREET, refused());

      assertThat(rig.lines())
          .containsExactly(
              "WARN Server unreachable — retrying (1s elapsed, no limit)",
              "INFO Server reachable again after 1s (1 attempt)",
              "WARN Server unreachable — retrying (1s elapsed, no limit)");
    }
  }

  @Test
  void noExpectedFailureHasAStackTraceAndItsCauseIsAtDebug() {
    ServerFailure refused =
        ServerFailure.of(
            ServerFailure.Kind.UNREACHABLE,
            "Connection refused",
            new ConnectException("to 127.0.0.1:1\nFAKE ERROR line"));
    try (Rig rig = Rig.limited(10)) {
      failAt(rig, refused, 0, 11);
      assertThat(rig.events()).allSatisfy(e -> assertThat(e.getThrowableProxy()).isNull());
      assertThat(rig.events())
          .filteredOn(event -> event.getLevel() == Level.DEBUG)
          .hasSize(2)
          .allSatisfy(
              event ->
                  assertThat(event.getFormattedMessage())
                      .isEqualTo(
                          "One of the polls of greet failed: Connection refused (java.net.ConnectException: to 127.0.0.1:1"
                              + " FAKE ERROR line)"));
    }
  }

  @Test
  void anErrorCanNeitherBreakNorFloodTheLog() {
    ServerFailure nasty =
        ServerFailure.of(
            ServerFailure.Kind.REJECTED, "no\r\nERROR forged {} " + "x".repeat(100_000), null);
    Channel forged = Channel.poll("greet\nERROR forged\u2028" + "y".repeat(10_000));
    try (Rig rig = Rig.limited(10, forged)) {
      rig.fail(forged, nasty);
      rig.pass(11);
      rig.fail(forged, nasty);
      assertThat(rig.lines())
          .hasSize(2)
          .allSatisfy(
              line -> assertThat(line).hasSizeLessThan(900).doesNotContain("\n", "\r", "\u2028"))
          .allSatisfy(line -> assertThat(line).contains("no ERROR forged {}"));
    }
  }

  @Test
  void aTypesRejectionsAreVisibleAndNotAnOutage() {
    try (Rig rig = Rig.limited(120, GREET, BILL)) {
      rig.fail(GREET, noSuch());
      rig.pass(30);
      rig.fail(GREET, noSuch());
      rig.pass(7);
      rig.answer(GREET);

      assertThat(rig.lines())
          .containsExactly(
              "WARN Server rejects polls of greet — retrying (1s/120s elapsed). Last error: No such"
                  + " task type",
              "WARN Server rejects polls of greet — retrying (30s/120s elapsed). Last error: No"
                  + " such task type",
              "INFO Server answers polls of greet again after 37s (2 attempts)");
    }
  }

  @Test
  void unreachableIsSaidOnlyOfUnreachable() {
    try (Rig rig = Rig.never(GREET, BILL)) {
      rig.fail(GREET, badKey());
      rig.fail(BILL, html());
      rig.fail(Channel.update(), html());
      rig.fail(Channel.lease(), busy());
      assertThat(rig.lines())
          .hasSize(4)
          .noneMatch(line -> line.contains("unreachable"))
          .anyMatch(line -> line.contains("refuses the credentials for polls of greet"))
          .anyMatch(line -> line.contains("has no usable answer for polls of bill"))
          .anyMatch(line -> line.contains("has no usable answer for updates"))
          .anyMatch(line -> line.contains("overloaded"));
    }
  }

  @Test
  void whatToCheckIsSaidWhenCredentialsAreRefusedForGood() {
    try (Rig rig = Rig.limited(120)) {
      failAt(rig, badKey(), 0, 121);
      assertThat(rig.lines())
          .last()
          .isEqualTo(
              "ERROR Server refuses the credentials for >120s, shutting down. Check the key and its"
                  + " secret, and what they are allowed to poll. Last error: Invalid token");
    }
  }

  @Test
  void fiftyTypesThatFailAreFiftyLinesOnceAndThenShareOneThrottle() {
    Channel[] types = new Channel[50];
    for (int i = 0; i < types.length; i++) {
      types[i] = Channel.poll("type" + i);
    }
    try (Rig rig = Rig.never(types)) {
      for (int second = 0; second < 3600; second += 10) {
        for (Channel type : types) {
          rig.fail(type, noSuch());
        }
        rig.pass(10);
      }
      assertThat(rig.lines()).hasSizeBetween(50 + 60, 50 + 75);
    }
  }

  @Test
  void aTypeThatFailsEverySecondPollDoesNotFloodTheLog() {
    try (Rig rig = Rig.never()) {
      for (int second = 0; second < 3600; second++) {
        rig.fail(GREET, html());
        rig.pass(0.5);
        rig.answer(GREET);
        rig.pass(0.5);
      }
      assertThat(rig.lines()).hasSizeLessThan(2 * (24 + 60));
    }
  }
}
