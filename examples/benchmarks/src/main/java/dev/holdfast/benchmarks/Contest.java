package dev.holdfast.benchmarks;

import dev.holdfast.benchmarks.server.Counter;
import dev.holdfast.benchmarks.server.Counts;
import java.io.PrintStream;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * All subjects are started and warmed up first; then they take turns, one at a time, round after
 * round, so that what else the machine does weighs on all of them alike. The one whose turn is over
 * finishes what it holds and stops; that the others do nothing is measured.
 */
final class Contest {

  private static final int MOST_TURNS = 2;
  private static final long SETTLE_MILLIS = 700;
  private static final long WINDOW_MILLIS = 2_000;
  private static final double STEADY = 0.05;
  private static final int LONGEST_WARM_UP = 4;
  private static final long QUIET_MILLIS = 400;
  private static final long LONGEST_FINISH_MILLIS = 15_000;

  private final Server server;
  private final Map<Subject, Child> children;
  private final Cores cores;
  private final Arguments arguments;
  private final Results results;
  private final PrintStream progress;

  Contest(
      Server server,
      Map<Subject, Child> children,
      Cores cores,
      Arguments arguments,
      Results results,
      PrintStream progress) {
    this.server = server;
    this.children = new EnumMap<>(children);
    this.cores = cores;
    this.arguments = arguments;
    this.results = results;
    this.progress = progress;
  }

  void run() throws InterruptedException {
    for (Map.Entry<Subject, Child> entry : children.entrySet()) {
      warmUp(entry.getKey(), entry.getValue());
    }
    Map<Subject, Quietest> taken = new EnumMap<>(Subject.class);
    children.keySet().forEach(subject -> taken.put(subject, new Quietest(arguments.rounds())));
    for (int turn = 1; turn <= (arguments.quick() ? 1 : MOST_TURNS) * arguments.rounds(); turn++) {
      for (Map.Entry<Subject, Child> entry : children.entrySet()) {
        Subject subject = entry.getKey();
        Quietest rounds = Objects.requireNonNull(taken.get(subject));
        if (!rounds.areQuiet()) {
          Round figures = measure(subject, entry.getValue());
          rounds.add(figures);
          progress.printf(
              "turn %2d  %-18s %,8.0f tasks/s  %6.1f µs CPU a task%s%n",
              turn,
              subject,
              figures.tasksPerSecond(),
              figures.cpuMicros(),
              Quietest.isQuiet(figures) ? "" : "  (disturbed)");
        }
      }
    }
    taken.forEach((subject, rounds) -> rounds.all().forEach(one -> results.add(subject, one)));
  }

  /**
   * Until two windows cost nearly the same, or for four times as long as was asked for. The core of
   * the server helps to compile in the meantime; the last windows run as what is measured does.
   */
  private void warmUp(Subject subject, Child child) throws InterruptedException {
    child.runOn(cores.server() + "," + cores.worker());
    begin(subject, child);
    long least = TimeUnit.SECONDS.toMillis(arguments.warmUpSeconds());
    double last = 0;
    boolean pinned = false;
    for (long spent = WINDOW_MILLIS; ; spent += WINDOW_MILLIS) {
      Counts before = server.counts();
      double cpuBefore = child.cpuSeconds();
      Thread.sleep(WINDOW_MILLIS);
      long tasks = server.counts().since(before).get(Counter.COMPLETED);
      double cost = (child.cpuSeconds() - cpuBefore) / Math.max(1, tasks);
      boolean steady = pinned && Math.abs(cost - last) <= STEADY * cost;
      if (!pinned && spent >= least) {
        child.runOn(Integer.toString(cores.worker()));
        pinned = true;
      }
      if (spent >= LONGEST_WARM_UP * least || steady) {
        progress.printf(
            "warm after %2d s   %-18s %,8.0f tasks/s%n",
            TimeUnit.MILLISECONDS.toSeconds(spent), subject, tasks * 1e3 / WINDOW_MILLIS);
        break;
      }
      last = cost;
    }
    end(subject, child);
  }

  private Round measure(Subject subject, Child child) throws InterruptedException {
    begin(subject, child);
    Thread.sleep(SETTLE_MILLIS);
    Moment from = moment(child, server.mark());
    Thread.sleep(TimeUnit.SECONDS.toMillis(arguments.seconds()));
    Moment to = moment(child, server.counts());
    long pid = child.handle().pid();
    long rss = ProcessFigures.rssKiB(pid);
    long threads = ProcessFigures.threads(pid);
    end(subject, child);
    return figures(from, to, rss, threads);
  }

  private void begin(Subject subject, Child child) {
    server.reset(subject.load.slots);
    expect(child.ask("go"), "going");
  }

  /** Work ends first, so that nothing needs to be handed back or is cut off. */
  private void end(Subject subject, Child child) throws InterruptedException {
    server.dryUp();
    long begun = System.nanoTime();
    while (out(server.counts()) > 0
        && System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(LONGEST_FINISH_MILLIS)) {
      Thread.sleep(10);
    }
    expect(child.ask("stop"), "stopped");
    awaitQuiet(subject);
    Counts counts = server.counts();
    fault(subject, out(counts), "lost");
    fault(subject, counts.get(Counter.DOUBLED), "doubled");
    fault(subject, counts.get(Counter.UNKNOWN), "reported of tasks that it was not given");
    fault(subject, counts.get(Counter.WRONG), "answered with something else than the echo");
    fault(subject, counts.get(Counter.HANDED_BACK), "handed back");
  }

  /**
   * The official client's shutdown leaves a poll on its way, which would take tasks of the next
   * subject.
   */
  private void awaitQuiet(Subject subject) throws InterruptedException {
    long begun = System.nanoTime();
    long polls = -1;
    for (long seen = polls(); seen != polls; seen = polls()) {
      if (System.nanoTime() - begun > TimeUnit.MILLISECONDS.toNanos(LONGEST_FINISH_MILLIS)) {
        results.fault(subject, "polls on after it was stopped");
        return;
      }
      polls = seen;
      Thread.sleep(QUIET_MILLIS);
    }
  }

  private long polls() {
    return server.counts().get(Counter.POLLS);
  }

  private static long out(Counts counts) {
    return counts.get(Counter.HANDED_OUT)
        - counts.get(Counter.COMPLETED)
        - counts.get(Counter.WRONG)
        - counts.get(Counter.HANDED_BACK);
  }

  private void fault(Subject subject, long tasks, String what) {
    if (tasks > 0) {
      results.fault(subject, what + ": " + tasks + " tasks");
    }
  }

  /** What has been used and done until one moment. */
  private record Moment(
      Counts counts,
      double childSeconds,
      double serverSeconds,
      double idleSeconds,
      double ownSeconds,
      double machineSeconds,
      long allocated) {}

  private Moment moment(Child child, Counts counts) {
    double idle = 0;
    for (Child other : children.values()) {
      idle += other == child ? 0 : other.cpuSeconds();
    }
    return new Moment(
        counts,
        child.cpuSeconds(),
        server.cpuSeconds(),
        idle,
        ProcessFigures.cpuSeconds(ProcessHandle.current()),
        ProcessFigures.machineSeconds(),
        Long.parseLong(child.ask("sample").substring("sample ".length())));
  }

  private static Round figures(Moment from, Moment to, long rssKiB, long threads) {
    Counts done = to.counts().since(from.counts());
    double seconds = done.get(Counter.NANOS) * 1e-9;
    double tasks = Math.max(1, done.get(Counter.COMPLETED));
    double cpu = to.childSeconds() - from.childSeconds();
    double serverCpu = to.serverSeconds() - from.serverSeconds();
    double idleCpu = to.idleSeconds() - from.idleSeconds();
    double ownCpu = to.ownSeconds() - from.ownSeconds();
    double others =
        to.machineSeconds() - from.machineSeconds() - cpu - serverCpu - idleCpu - ownCpu;
    long results = done.get(Counter.UPDATES) + done.get(Counter.UPDATES_V2);
    long requests = done.get(Counter.POLLS) + results + done.get(Counter.OTHER);
    return new Round(
        done.get(Counter.COMPLETED) / seconds,
        cpu * 1e6 / tasks,
        (to.allocated() - from.allocated()) / tasks,
        rssKiB / 1024.0,
        threads,
        requests / tasks,
        (double) done.get(Counter.UPDATES_V2) / Math.max(1, results),
        cpu / seconds,
        serverCpu / seconds,
        Math.max(0, others) / seconds,
        idleCpu / seconds,
        done.get(Counter.HELD_NANOS) * 1e-9 / seconds,
        done.get(Counter.FREE_NANOS_P99) * 1e-6,
        done.get(Counter.FREE_NANOS_MAX) * 1e-6);
  }

  private static void expect(String answer, String expected) {
    if (!answer.equals(expected)) {
      throw new IllegalStateException("answered '" + answer + "': expected '" + expected + "'");
    }
  }
}
