package dev.holdfast.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(10)
class LogFormatTest {

  private final Logger log = LoggerFactory.getLogger("some.logger");
  private final ByteArrayOutputStream target = new ByteArrayOutputStream();

  @Test
  void textIsTimeLevelAndMessage() {
    LogFormat.TEXT.install(new PrintStream(target, true, UTF_8), Level.INFO);
    log.info("one {}", 1);
    log.warn("two");
    log.debug("hidden");
    assertThat(target.toString(UTF_8).lines())
        .hasSize(2)
        .satisfiesExactly(
            line -> assertThat(line).matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} INFO  one 1"),
            line -> assertThat(line).matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} WARN  two"));
  }

  @Test
  void jsonIsOneObjectALineWhateverIsInIt() {
    LogFormat.JSON.install(new PrintStream(target, true, UTF_8), Level.INFO);
    String nasty = "quote \" backslash \\ line\nbreak tab\t bell\u0007 ü \uD83D\uDE00 half \uD83D";
    try (MDC.MDCCloseable scope = MDC.putCloseable("holdfast.taskId", "t\"1")) {
      assertThat(scope).isNotNull();
      log.error(nasty, new IllegalStateException("bad \"thing\""));
    }
    log.info("plain");
    String[] lines = target.toString(UTF_8).split("\n", -1);
    assertThat(lines).hasSize(3);
    assertThat(lines[2]).isEmpty();
    JsonNode first = new JsonMapper().readTree(lines[0]);
    assertThat(first.propertyNames())
        .containsExactly("ts", "level", "logger", "message", "thread", "mdc", "error");
    assertThat(Instant.parse(first.path("ts").asString())).isBefore(Instant.now().plusSeconds(1));
    assertThat(first.path("level").asString()).isEqualTo("ERROR");
    assertThat(first.path("logger").asString()).isEqualTo("some.logger");
    assertThat(first.path("message").asString()).isEqualTo(nasty.replaceAll("\uD83D$", "?"));
    assertThat(first.path("thread").asString()).isEqualTo(Thread.currentThread().getName());
    assertThat(first.path("mdc").path("holdfast.taskId").asString()).isEqualTo("t\"1");
    assertThat(first.path("error").asString())
        .startsWith("java.lang.IllegalStateException: bad \"thing\"")
        .contains("at dev.holdfast.launcher.LogFormatTest");
    JsonNode second = new JsonMapper().readTree(lines[1]);
    assertThat(second.propertyNames())
        .containsExactly("ts", "level", "logger", "message", "thread");
  }

  @Test
  void theLibrariesBelowAreHeardFromWarningsOn() {
    LogFormat.TEXT.install(new PrintStream(target, true, UTF_8), Level.INFO);
    for (String name :
        new String[] {"io.netty.channel", "reactor.netty.resources", "reactor.core"}) {
      LoggerFactory.getLogger(name).info("chatter");
      LoggerFactory.getLogger(name).warn("trouble of {}", name);
    }
    assertThat(target.toString(UTF_8)).doesNotContain("chatter").contains("trouble of io.netty");
  }

  @Test
  void aQuietLogTellsWarningsAndHowAnOutageEnds() {
    LogFormat.TEXT.install(new PrintStream(target, true, UTF_8), Level.WARN);
    log.info("chatter");
    log.warn("trouble");
    LoggerFactory.getLogger("dev.holdfast.outage.OutageSignal").info("back");
    assertThat(target.toString(UTF_8).lines())
        .satisfiesExactly(
            line -> assertThat(line).endsWith("WARN  trouble"),
            line -> assertThat(line).endsWith("INFO  back"));
  }
}
