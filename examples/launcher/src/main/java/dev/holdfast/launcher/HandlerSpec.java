package dev.holdfast.launcher;

import dev.holdfast.task.Outcome;
import dev.holdfast.task.TaskHandler;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** The handlers that the command brings. None of them blocks, and none looks at the input. */
final class HandlerSpec {

  static final String EXPECTED = "echo, sleep:DURATION (such as sleep:100ms), or fail";

  static final String FAILURE = "the worker was started with the handler that always fails";

  private HandlerSpec() {}

  static TaskHandler parse(Setting setting) {
    String spec = setting.value();
    if (spec.equals("echo")) {
      return TaskHandler.inline(context -> Mono.just(context.input()));
    }
    if (spec.equals("fail")) {
      return TaskHandler.inline(context -> Mono.just(Outcome.failed(FAILURE)));
    }
    if (spec.startsWith("sleep:")) {
      Duration time =
          Durations.parse(spec.substring("sleep:".length())).orElseThrow(() -> refused(setting));
      return TaskHandler.inline(context -> Mono.just(context.input()).delayElement(time));
    }
    throw refused(setting);
  }

  private static BadSetting refused(Setting setting) {
    return setting.bad("expected " + EXPECTED);
  }
}
