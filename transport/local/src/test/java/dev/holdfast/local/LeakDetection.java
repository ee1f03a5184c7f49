package dev.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Hooks;

/**
 * Fails a test class that leaks a buffer of Netty's, drops an error or a value, or leaves a thread
 * of a server or a client behind.
 */
final class LeakDetection implements BeforeAllCallback, AfterAllCallback {

  private final ListAppender<ILoggingEvent> reports = new ListAppender<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    assertThat(System.getProperty("io.netty.leakDetection.level")).isEqualTo("paranoid");
    reports.start();
    logger().addAppender(reports);
    Hooks.onErrorDropped(error -> reports.doAppend(event("dropped error: " + error)));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    // Leaks are found when the collector has run and the next buffer is allocated.
    for (int i = 0; i < 5; i++) {
      System.gc();
      for (int j = 0; j < 100; j++) {
        ByteBufAllocator.DEFAULT.directBuffer(64).release();
      }
    }
    Hooks.resetOnErrorDropped();
    logger().detachAppender(reports);
    assertThat(reports.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .as("leaks and drops")
        .isEmpty();
    Threads.await("end of the threads", () -> Threads.named("holdfast-").isEmpty());
  }

  private static ILoggingEvent event(String message) {
    return new LoggingEvent(
        LeakDetection.class.getName(), logger(), Level.ERROR, message, null, null);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger("io.netty.util.ResourceLeakDetector");
  }
}
