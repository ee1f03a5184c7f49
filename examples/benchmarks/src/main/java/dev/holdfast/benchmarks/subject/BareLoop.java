package dev.holdfast.benchmarks.subject;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a worker costs at the very least on this stack: polls for as many tasks as it has free
 * slots, decodes the answer as it streams, posts each input back as the output, and takes a slot
 * for free when its post was answered. No retries, deadlines, records, limits or leases: a failure
 * ends the process.
 *
 * <p>Variants: {@code stream}; {@code tree}, which reads the whole answer into a JSON tree; {@code
 * wait}, whose handler takes 100 ms in each of 1,000 slots.
 */
public final class BareLoop implements Callable<AutoCloseable> {

  private static final Duration HANDLING = Duration.ofMillis(100);
  private static final byte[] BEGIN = ascii("{\"taskId\":\"");
  private static final byte[] WORKFLOW = ascii("\",\"workflowInstanceId\":\"");
  private static final byte[] OUTPUT =
      ascii("\",\"workerId\":\"bare\",\"status\":\"COMPLETED\",\"outputData\":");
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final String variant;
  private final int slots;
  private final String path;
  private final HttpClient.ResponseReceiver<?> poll;
  private final HttpClient.RequestSender post;

  /**
   * Creates a loop that does not run yet.
   *
   * @param url the base of the server's API
   * @param variant which one
   */
  public BareLoop(String url, String variant) {
    this.variant = variant;
    this.slots = variant.equals("wait") ? 1_000 : 100;
    LoopResources loops =
        LoopResources.create("bare", Runtime.getRuntime().availableProcessors(), true);
    URI server = URI.create(url);
    this.path = server.getPath();
    this.poll = client(server, loops, 1).get();
    this.post =
        client(server, loops, 32)
            .headers(headers -> headers.set("content-type", "application/json"))
            .post()
            .uri(path + "/tasks");
  }

  private static HttpClient client(URI server, LoopResources loops, int connections) {
    ConnectionProvider pool =
        ConnectionProvider.builder("bare-" + connections)
            .maxConnections(connections)
            .pendingAcquireMaxCount(-1)
            .build();
    return HttpClient.create(pool).host(server.getHost()).port(server.getPort()).runOn(loops);
  }

  @Override
  public AutoCloseable call() {
    Loop loop = new Loop();
    loop.poll();
    return loop::stop;
  }

  /** One run. Its state is touched by several threads only in the variant that waits. */
  private final class Loop {
    private final AtomicInteger free = new AtomicInteger(slots);
    private final AtomicBoolean polling = new AtomicBoolean();
    private final CountDownLatch over = new CountDownLatch(1);
    private final StreamDecoder decoder = new StreamDecoder(this::begin);
    private volatile boolean stopped;

    /** One poll at a time, for all slots that are free by then. */
    void poll() {
      int count = free.get();
      if (count == 0 || stopped || !polling.compareAndSet(false, true)) {
        return;
      }
      poll.uri(path + "/tasks/poll/batch/ship?workerid=bare&count=" + count + "&timeout=0")
          .response((response, body) -> decode(body))
          .subscribe(
              nothing -> {},
              BareLoop::fail,
              () -> {
                polling.set(false);
                next();
              });
    }

    private Flux<Void> decode(ByteBufFlux body) {
      if (variant.equals("tree")) {
        return body.aggregate().asByteArray().doOnNext(this::tree).then().flux();
      }
      return body.doOnNext(decoder::feed).doOnComplete(decoder::end).then().flux();
    }

    private void tree(byte[] bytes) {
      for (JsonNode task : MAPPER.readTree(bytes)) {
        begin(
            task.get("taskId").asString(),
            task.get("workflowInstanceId").asString(),
            MAPPER.writeValueAsBytes(task.get("inputData")));
      }
    }

    private void begin(String taskId, String workflowId, byte[] input) {
      free.decrementAndGet();
      Mono<Void> update =
          post.send(Mono.fromSupplier(() -> result(taskId, workflowId, input)))
              .response((response, body) -> accepted(response, body))
              .then();
      Mono<Void> work = variant.equals("wait") ? Mono.delay(HANDLING).then(update) : update;
      work.subscribe(
          nothing -> {},
          BareLoop::fail,
          () -> {
            free.incrementAndGet();
            next();
          });
    }

    private Flux<Void> accepted(HttpClientResponse response, ByteBufFlux body) {
      return response.status().code() == 200
          ? body.then().flux()
          : Flux.error(new IOException("the server answered " + response.status()));
    }

    private void next() {
      if (stopped && free.get() == slots && !polling.get()) {
        over.countDown();
      } else {
        poll();
      }
    }

    void stop() throws InterruptedException {
      stopped = true;
      over.await();
    }
  }

  private static ByteBuf result(String taskId, String workflowId, byte[] input) {
    ByteBuf body = Unpooled.buffer(200 + input.length);
    body.writeBytes(BEGIN);
    body.writeCharSequence(taskId, StandardCharsets.US_ASCII);
    body.writeBytes(WORKFLOW);
    body.writeCharSequence(workflowId, StandardCharsets.US_ASCII);
    return body.writeBytes(OUTPUT).writeBytes(input).writeByte('}');
  }

  private static void fail(Throwable failure) {
    failure.printStackTrace();
    Runtime.getRuntime().halt(1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
