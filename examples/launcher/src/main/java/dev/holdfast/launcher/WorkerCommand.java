package dev.holdfast.launcher;

import dev.holdfast.client.TaskClient;
import dev.holdfast.store.InMemoryTaskStore;
import dev.holdfast.worker.Worker;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a worker until a signal ends it. */
@Command(
    name = "worker",
    versionProvider = Holdfast.Version.class,
    usageHelpWidth = 80,
    synopsisHeading = "Usage: ",
    customSynopsis = {
      "holdfast worker --server URL --task TYPE[,TYPE...] --handler SPEC",
      "                       [OPTIONS]"
    },
    header = "Run a worker.",
    descriptionHeading = "%n",
    description = {
      "Polls a task server, runs the handler for each task and reports the results,",
      "until SIGTERM or SIGINT. Then it drains: it takes nothing new, lets running",
      "handlers finish, delivers what waits, and hands back what has not started.",
      "A second signal ends it at once, saying what is left.",
      "",
      "While the server is away it keeps its results, and counts up to the limit of",
      "--max-unreachable in the log. Past that it lets running handlers finish and ends."
    },
    optionListHeading = "",
    sortOptions = false,
    footerHeading = "%nEnvironment:%n",
    footer = {
      "  HOLDFAST_<OPTION>         any option: --worker-id is HOLDFAST_WORKER_ID",
      "  CONDUCTOR_SERVER_URL      the server, if no option or HOLDFAST_SERVER names it",
      "  CONDUCTOR_AUTH_KEY,       the key's id and secret, for a server that wants a",
      "  CONDUCTOR_AUTH_SECRET     token; only from here, never an option",
      "An option beats HOLDFAST_..., which beats CONDUCTOR_...; empty is as not set.",
      "",
      "Durations read 500ms, 2s, 5m, 1h. On exit, one line of JSON on stdout:",
      "  {\"polled\":...,\"started\":...,\"completed\":...,\"failed\":...,\"released\":...,",
      "   \"delivered\":...,\"rejected\":...,\"late\":...,\"outbox\":...}"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:drained: nothing was left",
      " 1:any other error, such as out of memory",
      " 2:the command line is wrong",
      "69:gave up: no server for longer than --max-unreachable",
      "75:results waited still, or handlers outlived the drain; the log lists them",
      "77:gave up: the server refused the credentials all that time",
      "78:a variable of the environment or a file is wrong"
    })
final class WorkerCommand implements Callable<Integer> {

  private static final Logger log = LoggerFactory.getLogger(WorkerCommand.class);

  private static final String STALL_VARIABLE = "CONDUCTOR_WORKER_POLL_STALL_TIMEOUT_SECONDS";

  private final Holdfast holdfast;

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Mixin private WorkOptions work = new WorkOptions();

  WorkerCommand(Holdfast holdfast) {
    this.holdfast = holdfast;
  }

  @Override
  public Integer call() {
    Environment environment = holdfast.startLog();
    NotLanded.refuseVariables(environment);
    Connection server = connection.resolve(environment);
    WorkOptions.Work resolved = work.resolve(environment);
    TaskClient client = server.client();
    environment
        .variable(STALL_VARIABLE)
        .ifPresent(set -> log.warn("{} has no effect: the watchdog has not landed yet", set));
    log.info("Server {}: {}", server.url(), resolved.summary());
    InMemoryTaskStore store = new InMemoryTaskStore();
    Worker worker = Worker.create(client, store, resolved.spec());
    return new WorkerSession(
            worker, store, client, server.credentials(), resolved.drainTimeout(), holdfast.shell())
        .run();
  }
}
