package dev.holdfast.launcher;

import java.util.concurrent.Callable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;

/** Shows on one screen what Holdfast is for. */
@Command(
    name = "demo",
    versionProvider = Holdfast.Version.class,
    usageHelpWidth = 80,
    synopsisHeading = "Usage: ",
    customSynopsis = "holdfast demo",
    header = "See an outage and what becomes of the work, in half a minute.",
    descriptionHeading = "%n",
    description = {
      "Starts a task server and a worker in this process, gives them a few hundred",
      "tasks, takes the server away in the middle and brings it back. At the end it",
      "asks the server for every single task, and prints how many were submitted,",
      "completed, and lost. It needs nothing, and leaves nothing behind.",
      "",
      "On a terminal it draws a bar; elsewhere, and where TERM is dumb, it prints plain",
      "lines. What the worker has to say of the outage stands above the bar. SIGTERM or",
      "SIGINT ends it."
    },
    optionListHeading = "",
    sortOptions = false,
    footerHeading = "%nEnvironment:%n",
    footer = {
      "  NO_COLOR                  if set, no colours",
      "  HOLDFAST_LOG_FORMAT       as --log-format"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:every task was completed",
      " 1:a task was lost, or it took longer than a minute, or a signal ended it",
      " 2:the command line is wrong",
      "78:a variable of the environment is wrong"
    })
final class DemoCommand implements Callable<Integer> {

  private final Holdfast holdfast;

  DemoCommand(Holdfast holdfast) {
    this.holdfast = holdfast;
  }

  /** The log is for the outage alone: what goes well is on the screen already. */
  @Override
  public Integer call() {
    DemoScreen screen = DemoScreen.of(holdfast.shell());
    holdfast.startLog(screen.above(holdfast.shell().err()), Level.WARN);
    return new Demo(DemoPlan.standard(), new Ledger(), screen, holdfast.shell()).run();
  }
}
