package dev.holdfast.launcher;

import dev.holdfast.local.LocalServerException;
import dev.holdfast.local.LocalServerSpec;
import dev.holdfast.local.LocalTaskServer;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reactor.core.publisher.Mono;

/** Runs the embedded task server until a signal ends it. */
@Command(
    name = "server",
    versionProvider = Holdfast.Version.class,
    usageHelpWidth = 80,
    synopsisHeading = "Usage: ",
    customSynopsis = "holdfast server [OPTIONS]",
    header = "Run a task server on this machine.",
    descriptionHeading = "%n",
    description = {
      "Serves the part of Conductor's API that workers and one-task workflows need,",
      "until SIGTERM or SIGINT. Prints the URL of its API on stdout, one line, once it",
      "serves; worker and submit take it as their --server, as they take Conductor's.",
      "",
      "It is for one machine. Beyond one machine the engine is Conductor, and the same",
      "workers run against it, unchanged."
    },
    optionListHeading = "",
    sortOptions = false,
    footerHeading = "%nEnvironment:%n",
    footer = {
      "  HOLDFAST_<OPTION>         any option: --port is HOLDFAST_PORT",
      "  CONDUCTOR_AUTH_KEY,       the key's id and secret that a client must know;",
      "  CONDUCTOR_AUTH_SECRET     only from here, never an option. Where they are not",
      "                            set, whoever can connect is served",
      "An option beats HOLDFAST_...; empty is as not set."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:a signal ended it",
      " 1:any other error, such as a port that is taken",
      " 2:the command line is wrong",
      "78:a variable of the environment is wrong"
    })
final class ServerCommand implements Callable<Integer> {

  private static final Logger log = LoggerFactory.getLogger(ServerCommand.class);

  private static final Duration CLEANUP = Duration.ofSeconds(5);

  private final Holdfast holdfast;
  private final CompletableFuture<String> signal = new CompletableFuture<>();

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Where it listens; 0 takes any port that is free. Default: 8080.")
  private @Nullable String port;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description =
          "The IP address to listen on. Beyond this machine (0.0.0.0 is every address) only"
              + " with CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET. Default: 127.0.0.1.")
  private @Nullable String bind;

  @Option(
      names = "--store",
      paramLabel = "STORE",
      description =
          "Where its state is kept. So far only memory, the default: all workflows are"
              + " lost when the process ends.")
  private @Nullable String store;

  ServerCommand(Holdfast holdfast) {
    this.holdfast = holdfast;
  }

  @Override
  public Integer call() {
    Environment environment = holdfast.startLog();
    LocalServerSpec spec = resolve(environment);
    try {
      holdfast.shell().signals().handle(this::onSignal);
    } catch (IllegalStateException e) {
      log.debug("A signal will end this process at once", e);
    }
    LocalTaskServer server;
    try {
      server = Objects.requireNonNull(LocalTaskServer.start(spec).block());
    } catch (LocalServerException e) {
      throw new BadSetting(String.valueOf(e.getMessage()), ExitCode.ERROR);
    }
    holdfast.shell().out().println(server.url());
    holdfast.shell().out().flush();
    return untilSignal(server);
  }

  private int untilSignal(LocalTaskServer server) {
    Optional<String> name =
        Mono.firstWithSignal(Mono.fromFuture(signal), server.onStop().then(Mono.<String>empty()))
            .blockOptional();
    if (name.isEmpty()) {
      log.error("The server has stopped, and nobody asked for it");
      return ExitCode.ERROR;
    }
    log.info("{}: ending", name.get());
    server.stop().timeout(CLEANUP).onErrorComplete().block();
    return ExitCode.OK;
  }

  private void onSignal(String name) {
    if (!signal.complete(name)) {
      holdfast.shell().halt().accept(ExitCode.ERROR);
    }
  }

  private LocalServerSpec resolve(Environment environment) {
    environment.setting("--store", store).ifPresent(WorkOptions::checkStore);
    Optional<Credentials> credentials = Credentials.of(environment);
    LocalServerSpec spec = LocalServerSpec.create();
    Optional<Setting> at = environment.setting("--bind", bind);
    if (at.isPresent()) {
      spec = spec.bind(address(at.get(), credentials.isPresent()));
    }
    Optional<Setting> number = environment.setting("--port", port);
    if (number.isPresent()) {
      spec = spec.port(number.get().wholeNumber(0, 65_535));
    }
    return credentials.isPresent()
        ? spec.credentials(credentials.get().keyId(), credentials.get().secret())
        : spec;
  }

  private static String address(Setting setting, boolean guarded) {
    String value = setting.value().strip();
    if (value.equals("localhost")) {
      return value;
    }
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(value);
    if (address == null) {
      throw setting.bad("expected an IP address of this machine, such as 127.0.0.1 or 0.0.0.0");
    }
    if (!address.isLoopbackAddress()) {
      if (!guarded) {
        throw setting.bad(
            "others can reach it there, so it demands a token: expected %s and %s to be set"
                .formatted(Credentials.KEY, Credentials.SECRET));
      }
      log.warn("Others can reach {}, and what is sent there is not encrypted", value);
    }
    return value;
  }
}
