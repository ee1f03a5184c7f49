package dev.holdfast.outage;

import static dev.holdfast.outage.Rig.GREET;
import static dev.holdfast.outage.Rig.html;
import static dev.holdfast.outage.Rig.noSuch;
import static dev.holdfast.outage.Rig.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

/**
 * What the design that this grew from tests, and where that is tested here. Where its rule was
 * weak, ours is the stronger one.
 *
 * <table>
 *   <caption>{@code test_outage_state.py}, 13</caption>
 *   <tr><th>original</th><th>here</th></tr>
 *   <tr><td>elapsed_is_zero, should_shutdown_is_false</td><td>{@link #aFreshSignalIsHealthy}</td>
 *   <tr><td>failure_starts_outage_clock</td><td>{@link #aFailureStartsTheClock}</td></tr>
 *   <tr><td>multiple_failures_dont_reset_start</td><td>{@link
 *       #moreFailuresDoNotRestartTheClock}</td></tr>
 *   <tr><td>success_resets_outage</td><td>{@link #aSuccessThatLastsEndsTheOutage}: the clock stops
 *       at once, the outage ends after the ramp</td></tr>
 *   <tr><td>should_shutdown_after_max, should_not_shutdown_before_max</td><td>{@link
 *       #itGivesUpAfterTheLimitAndNotBefore}</td></tr>
 *   <tr><td>should_log_first_call_returns_true, should_log_rate_limits</td><td>{@link
 *       #theFirstFailureIsLoggedAndTheRestRateLimited}</td></tr>
 *   <tr><td>job_manager_has_outage_state</td><td>for the worker: its limit reaches the signal</td>
 *   <tr><td>heartbeat_loop_logs_countdown_format, claim_loop_clean_shutdown_no_traceback</td>
 *       <td>{@link #aLoopCountsDownAndEndsWithoutAStackTrace}, which asserts that it has ended</td>
 *   <tr><td>outage_recovery_resets_retry</td><td>{@link #aSecondOutageStartsAfresh}</td></tr>
 * </table>
 *
 * <table>
 *   <caption>{@code test_resilience.py}, 18</caption>
 *   <tr><th>original</th><th>here</th></tr>
 *   <tr><td>heartbeat_404_triggers_exit, complete_404_triggers_exit,
 *       provider_result_upload_404_triggers_exit</td><td>{@link
 *       #aRejectedUpdateOrExtensionEndsThatCallAndNotTheWorker}: a 404 speaks of that task. For the
 *       worker: a rejected result becomes a dead letter</td></tr>
 *   <tr><td>claim_404_triggers_exit</td><td>{@link #rejectedPollsEndAWorkerOnlyIfTheyLast}</td></tr>
 *   <tr><td>heartbeat_permission_error_triggers_exit</td><td>{@code OutageChannelsTest}:
 *       credentialsAreToBlameOnlyIfTheyAreRefusedEverywhere. For the worker: exit 77</td></tr>
 *   <tr><td>network_blip_does_not_trigger_exit, prolonged_unreachability_triggers_exit</td><td>{@link
 *       #aBlipDoesNotEndTheLoopAndALongOutageDoes}</td></tr>
 *   <tr><td>stop_unblocks_wait</td><td>{@code OutageRetryTest}: shutdownWakesThePollerThatBacksOff,
 *       closingEndsUpdatesThatBackOff</td></tr>
 *   <tr><td>provider_result_upload_failure_does_not_crash</td><td>{@link
 *       #aFailingUpdateIsRepeatedAndEndsNothing}</td></tr>
 *   <tr><td>register_retries_on_connect_error, register_provider_retries_on_connect_error,
 *       register_fails_fast_on_404, register_exhausts_retries</td><td>no registration here: the first
 *       poll is a call as any other. For the worker: a server that is down at the start</td></tr>
 *   <tr><td>disconnect_tolerates_server_gone, disconnect_still_cleans_local_state,
 *       disconnect_concurrent_calls_safe, task_in_progress_then_exit, start_failure_skips_execute</td>
 *       <td>for the worker: stop in an outage, twice, and while a task runs; a task whose start is
 *       not recorded does not run</td></tr>
 * </table>
 */
@Timeout(60)
class OriginalOutageTest {

  private static OutageState.Outage outage(Rig rig) {
    return (OutageState.Outage) rig.signal.state();
  }

  @Test
  void aFreshSignalIsHealthy() {
    try (Rig rig = Rig.limited(10)) {
      assertThat(rig.signal.state()).isInstanceOf(OutageState.Healthy.class);
      assertThat(rig.signal.isOpen()).isTrue();
    }
  }

  @Test
  void aFailureStartsTheClock() {
    try (Rig rig = Rig.limited(120)) {
      rig.fail(GREET, refused());
      rig.pass(10);
      assertThat(outage(rig).elapsed()).hasSeconds(10);
    }
  }

  @Test
  void moreFailuresDoNotRestartTheClock() {
    try (Rig rig = Rig.limited(120)) {
      rig.fail(GREET, refused());
      rig.pass(5);
      rig.fail(GREET, refused());
      rig.pass(5);
      assertThat(outage(rig).elapsed()).hasSeconds(10);
    }
  }

  @Test
  void aSuccessThatLastsEndsTheOutage() {
    try (Rig rig = Rig.limited(10)) {
      rig.fail(GREET, refused());
      rig.pass(9);
      rig.answer(GREET);
      rig.pass(5);
      assertThat(rig.signal.isOpen()).isTrue();
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
    }
  }

  @Test
  void itGivesUpAfterTheLimitAndNotBefore() {
    try (Rig rig = Rig.limited(10)) {
      rig.fail(GREET, refused());
      rig.pass(9);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
      rig.pass(11);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNotNull();
    }
  }

  @Test
  void theFirstFailureIsLoggedAndTheRestRateLimited() {
    try (Rig rig = Rig.of(spec -> spec.backoff(Duration.ofSeconds(1), Duration.ofSeconds(1)))) {
      assertThat(rig.fail(GREET, refused()).warned()).isTrue();
      rig.pass(2);
      assertThat(rig.fail(GREET, refused()).warned()).isFalse();
      rig.pass(4);
      assertThat(rig.fail(GREET, refused()).warned()).isTrue();
    }
  }

  @Test
  void aLoopCountsDownAndEndsWithoutAStackTrace() {
    for (Channel channel : List.of(Channel.lease(), GREET)) {
      try (Rig rig = Rig.limited(30)) {
        List<Throwable> ends = new ArrayList<>();
        rig.signal
            .call(channel, Mono.error(refused()))
            .retryWhen(rig.signal.retry(channel))
            .subscribe(nothing -> {}, ends::add);
        rig.pass(50);
        assertThat(ends).hasSize(1).first().isInstanceOf(GaveUpException.class);
        assertThat(rig.lines())
            .contains("WARN Server unreachable — retrying (24s/30s elapsed)")
            .last()
            .isEqualTo(
                "ERROR Server unreachable for >30s, shutting down. Last error: Connection refused");
        assertThat(rig.events()).allMatch(event -> event.getThrowableProxy() == null);
      }
    }
  }

  @Test
  void aSecondOutageStartsAfresh() {
    try (Rig rig = Rig.limited(10)) {
      rig.fail(GREET, refused());
      rig.pass(9);
      rig.answer(GREET);
      rig.pass(6);
      rig.fail(GREET, refused());
      rig.pass(9);
      assertThat(rig.fail(GREET, refused()).gaveUp()).isNull();
      assertThat(outage(rig).elapsed()).hasSeconds(9);
    }
  }

  @Test
  void aRejectedUpdateOrExtensionEndsThatCallAndNotTheWorker() {
    for (Channel channel : List.of(Channel.update(), Channel.lease())) {
      try (Rig rig = Rig.limited(10)) {
        List<Throwable> ends = new ArrayList<>();
        rig.signal
            .call(channel, Mono.error(noSuch()))
            .retryWhen(rig.signal.retry(channel))
            .subscribe(nothing -> {}, ends::add);
        assertThat(ends).hasSize(1).first().asString().contains("No such task type");
        assertThat(rig.signal.isOpen()).isTrue();
      }
    }
  }

  @Test
  void rejectedPollsEndAWorkerOnlyIfTheyLast() {
    try (Rig rig = Rig.limited(10)) {
      assertThat(rig.fail(GREET, noSuch()).gaveUp()).isNull();
      rig.pass(11);
      assertThat(rig.fail(GREET, noSuch()).gaveUp()).isNotNull();
    }
  }

  @Test
  void aBlipDoesNotEndTheLoopAndALongOutageDoes() {
    for (double outage : new double[] {3, 30}) {
      try (Rig rig = Rig.limited(10)) {
        List<Object> ends = new ArrayList<>();
        double until = rig.now() / 1e9 + outage;
        rig.signal
            .call(GREET, Mono.defer(() -> polled(rig, until)))
            .retryWhen(rig.signal.retry(GREET))
            .subscribe(ends::add, error -> ends.add(error.getClass()));
        rig.pass(60);
        assertThat(ends).containsExactly(outage < 10 ? "task" : GaveUpException.class);
      }
    }
  }

  private static Mono<String> polled(Rig rig, double until) {
    return rig.now() / 1e9 < until ? Mono.error(refused()) : Mono.just("task");
  }

  @Test
  void aFailingUpdateIsRepeatedAndEndsNothing() {
    try (Rig rig = Rig.limited(10)) {
      AtomicInteger tries = new AtomicInteger();
      List<String> sent = new ArrayList<>();
      rig.signal
          .call(
              Channel.update(),
              Mono.defer(
                  () -> tries.incrementAndGet() < 9 ? Mono.error(html()) : Mono.just("sent")))
          .retryWhen(rig.signal.retry(Channel.update()))
          .subscribe(sent::add);
      rig.pass(100);
      assertThat(sent).containsExactly("sent");
    }
  }
}
