package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** That BlockHound is on, without which the other tests would not see a call that blocks. */
@Timeout(30)
class BlockHoundTest {

  @Test
  void aCallThatBlocksOnANonBlockingThreadIsCaught() throws Exception {
    Scheduler thread = Schedulers.newSingle("holdfast-test-blockhound");
    try {
      Throwable caught =
          Mono.fromCallable(() -> new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS))
              .subscribeOn(thread)
              .then(Mono.<Throwable>empty())
              .onErrorResume(Mono::just)
              .toFuture()
              .get(10, TimeUnit.SECONDS);
      assertThat(caught).hasMessageContaining("Blocking call!");
    } finally {
      thread.disposeGracefully().timeout(Duration.ofSeconds(5)).toFuture().get();
    }
  }
}
