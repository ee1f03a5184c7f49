package dev.holdfast.launcher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.io.PrintStream;
import org.slf4j.LoggerFactory;

/** How the log looks. It goes to stderr: stdout is for results. */
enum LogFormat {
  /** For people. */
  TEXT,
  /** One JSON object a line. */
  JSON;

  static LogFormat parse(Setting setting) {
    return switch (setting.value()) {
      case "text" -> TEXT;
      case "json" -> JSON;
      default -> throw setting.bad("expected text or json");
    };
  }

  /** Sends the log of this process there from now on, from this level up. */
  void install(PrintStream target, org.slf4j.event.Level level) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    Encoder<ILoggingEvent> encoder = encoder();
    encoder.setContext(context);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setOutputStream(target);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.convertAnSLF4JLevel(level));
    root.addAppender(appender);
    if (!root.isInfoEnabled()) {
      // Who is told that a server is away is told that it is back.
      context.getLogger("dev.holdfast.outage").setLevel(Level.INFO);
    }
    context.getLogger("io.netty").setLevel(Level.WARN);
    context.getLogger("reactor").setLevel(Level.WARN);
    // Its warnings repeat, with their stack, the errors of calls, which reach the callers anyway.
    context.getLogger("reactor.netty.http.client").setLevel(Level.ERROR);
  }

  private Encoder<ILoggingEvent> encoder() {
    if (this == JSON) {
      return new JsonLogEncoder();
    }
    PatternLayoutEncoder text = new PatternLayoutEncoder();
    text.setPattern("%d{HH:mm:ss.SSS} %-5level %msg%n");
    return text;
  }
}
