package dev.holdfast.launcher;

import dev.holdfast.outage.OutageSpec;
import dev.holdfast.task.TaskHandler;
import dev.holdfast.worker.TaskSpec;
import dev.holdfast.worker.WorkerSpec;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what a worker does, and within which bounds. */
final class WorkOptions {

  private static final int MAX_SLOTS = 10_000;

  @Option(names = "--task", paramLabel = "TYPE[,TYPE...]", description = "The task types to poll.")
  private @Nullable String task;

  @Option(
      names = "--handler",
      paramLabel = "SPEC",
      description = {
        "What is done with a task:",
        "echo         completes it; its output is its input",
        "sleep:100ms  the same, after that time",
        "fail         fails it; the server may retry"
      })
  private @Nullable String handler;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "Tasks running at once, over all types. Default: 10.")
  private @Nullable String slots;

  @Option(
      names = "--task-timeout",
      paramLabel = "TIME",
      description = "After it a handler is cancelled and its task failed. Default: 1h.")
  private @Nullable String taskTimeout;

  @Option(
      names = "--max-unreachable",
      paramLabel = "TIME",
      description =
          "Give up when the server can't be reached, or refuses every poll, for longer than"
              + " this; never: keep trying. Default: 120s.")
  private @Nullable String maxUnreachable;

  @Option(
      names = "--drain-timeout",
      paramLabel = "TIME",
      description = "How long the whole drain may take. Default: 25s.")
  private @Nullable String drainTimeout;

  @Option(
      names = "--worker-id",
      paramLabel = "NAME",
      description =
          "Who holds the leases; no two workers may share it. Default: the host's name"
              + " and a random part.")
  private @Nullable String workerId;

  @Option(
      names = "--domain",
      paramLabel = "NAME",
      description = "Poll this domain of the task types. Default: none.")
  private @Nullable String domain;

  @Option(
      names = "--store",
      paramLabel = "STORE",
      description =
          "Where results wait for the server. So far only memory, the default:"
              + " what waits when the process ends is lost.")
  private @Nullable String store;

  Work resolve(Environment environment) {
    environment.setting("--store", store).ifPresent(WorkOptions::checkStore);
    Setting types = required(environment, "--task", task, "TYPE[,TYPE...]");
    Setting handling = required(environment, "--handler", handler, "SPEC");
    TaskHandler handle = HandlerSpec.parse(handling);
    List<String> names = types.names("task types");
    Duration timeout =
        environment
            .setting("--task-timeout", taskTimeout)
            .map(Setting::duration)
            .orElse(Duration.ofHours(1));
    Duration drain =
        environment
            .setting("--drain-timeout", drainTimeout)
            .map(Setting::duration)
            .orElse(Duration.ofSeconds(25));
    Optional<Duration> unreachable =
        environment
            .setting("--max-unreachable", maxUnreachable)
            .map(Setting::durationOrNever)
            .orElse(Optional.of(Duration.ofMinutes(2)));
    int cap =
        environment.setting("--slots", slots).map(s -> s.wholeNumber(1, MAX_SLOTS)).orElse(10);
    String id =
        environment
            .setting("--worker-id", workerId)
            .map(s -> s.name("a name"))
            .orElseGet(WorkOptions::randomId);
    Optional<String> from = environment.setting("--domain", domain).map(s -> s.name("a name"));
    TaskSpec[] tasks =
        names.stream()
            .map(name -> TaskSpec.of(name, handle).timeout(timeout))
            .map(spec -> from.map(spec::domain).orElse(spec))
            .toArray(TaskSpec[]::new);
    String summary =
        ("handler %s%s; results wait in memory and are lost with this process;"
                + " %s without the server; drain within %s")
            .formatted(
                handling.value(),
                from.map(name -> ", domain " + name).orElse(""),
                unreachable
                    .map(limit -> "gives up after " + Durations.format(limit))
                    .orElse("never gives up"),
                Durations.format(drain));
    OutageSpec outage = OutageSpec.create();
    WorkerSpec spec =
        WorkerSpec.of(tasks)
            .slots(cap)
            .workerId(id)
            .drainTimeout(drain)
            .outage(unreachable.map(outage::giveUpAfter).orElseGet(outage::never));
    return new Work(spec, drain, summary);
  }

  private static Setting required(
      Environment environment, String option, @Nullable String given, String label) {
    return environment
        .setting(option, given)
        .orElseThrow(
            () ->
                new BadSetting(
                    "%s is missing: expected %s %s (or %s)"
                        .formatted(option, option, label, Environment.variableOf(option)),
                    ExitCode.USAGE));
  }

  /** Refuses whatever store is not there yet. */
  static void checkStore(Setting store) {
    String value = store.value();
    if (value.startsWith("sqlite:") || value.startsWith("postgresql:")) {
      throw store.notLanded("this store");
    }
    if (!value.equals("memory")) {
      throw store.bad("expected memory");
    }
  }

  private static String randomId() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "worker";
    }
    return host + "-" + UUID.randomUUID().toString().substring(0, 8);
  }

  /**
   * What the options come to.
   *
   * @param spec for the worker
   * @param drainTimeout the bound of the drain
   * @param summary one line for people
   */
  record Work(WorkerSpec spec, Duration drainTimeout, String summary) {}
}
