package dev.holdfast.benchmarks.subject;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.benchmarks.server.Counter;
import dev.holdfast.benchmarks.server.Counts;
import dev.holdfast.benchmarks.server.StandIn;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each subject does all there is, rests when it was stopped, and starts anew. */
@Timeout(120)
class SubjectsTest {

  private static final int TASKS = 3_000;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private StandIn server;

  @BeforeEach
  void starts() throws InterruptedException {
    server = StandIn.start();
  }

  @AfterEach
  void ends() {
    server.close();
  }

  private Counts post(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    return Counts.parse(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  @ParameterizedTest
  @CsvSource({
    "bare, stream",
    "bare, tree",
    "bare, wait",
    "holdfast, v1",
    "holdfast, v2",
    "holdfast, v1-wait",
    "holdfast, v2-wait"
  })
  void doesEachTaskOnceAndRestsInBetween(String code, String variant) throws Exception {
    Callable<AutoCloseable> subject = subject(code, variant);
    for (int turn = 0; turn < 2; turn++) {
      post("/reset?tasks=" + TASKS);
      AutoCloseable running = subject.call();
      while (post("/mark").get(Counter.COMPLETED) < TASKS) {
        LockSupport.parkNanos(5_000_000);
      }
      running.close();
      Counts counts = post("/mark");
      assertThat(counts.get(Counter.HANDED_OUT)).isEqualTo(TASKS);
      assertThat(counts.get(Counter.COMPLETED)).isEqualTo(TASKS);
      assertThat(counts.get(Counter.DOUBLED) + counts.get(Counter.UNKNOWN)).isZero();
      assertThat(counts.get(Counter.WRONG) + counts.get(Counter.HANDED_BACK)).isZero();
      assertThat(post("/mark").get(Counter.POLLS)).isEqualTo(counts.get(Counter.POLLS));
    }
  }

  @ParameterizedTest
  @CsvSource({"bare, stream", "bare, wait", "holdfast, v1", "holdfast, v2-wait"})
  void leavesNothingBehindWhenItIsStoppedInTheMidstOfWork(String code, String variant)
      throws Exception {
    AutoCloseable running = subject(code, variant).call();
    while (post("/mark").get(Counter.COMPLETED) < 500) {
      LockSupport.parkNanos(5_000_000);
    }
    running.close();
    Counts counts = post("/mark");
    assertThat(counts.get(Counter.COMPLETED) + counts.get(Counter.HANDED_BACK))
        .isEqualTo(counts.get(Counter.HANDED_OUT));
    assertThat(counts.get(Counter.DOUBLED) + counts.get(Counter.WRONG)).isZero();
  }

  private Callable<AutoCloseable> subject(String code, String variant) {
    String url = "http://127.0.0.1:" + server.port() + "/api";
    return code.equals("bare") ? new BareLoop(url, variant) : new HoldfastWorker(url, variant);
  }
}
