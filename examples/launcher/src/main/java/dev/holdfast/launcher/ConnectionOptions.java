package dev.holdfast.launcher;

import dev.holdfast.conductor.ConductorSpec;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** The options that lead to a task server. */
final class ConnectionOptions {

  static final String SERVER_VARIABLE = "CONDUCTOR_SERVER_URL";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final String EXAMPLE = "http://127.0.0.1:8080/api";

  @Option(
      names = "--server",
      paramLabel = "[NAME=]URL",
      description = {
        "The task server's API, base path included, such as",
        EXAMPLE + ". The name is what the log calls it, its host:port by default."
      })
  private @Nullable String server;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "Trust the certificates in this PEM file, and no others.")
  private @Nullable String ca;

  @Option(
      names = "--client-cert",
      paramLabel = "FILE",
      description = "Show this PEM certificate; needs --client-key.")
  private @Nullable String clientCert;

  @Option(
      names = "--client-key",
      paramLabel = "FILE",
      description = "Its private key: PEM, PKCS #8, no password.")
  private @Nullable String clientKey;

  @Option(
      names = "--proxy",
      paramLabel = "URL",
      description = {"Go through this HTTP proxy, such as", "http://127.0.0.1:3128."})
  private @Nullable String proxy;

  /** Whether an option is one of these. */
  static boolean has(OptionSpec option) {
    return option.userObject() instanceof Field field
        && field.getDeclaringClass() == ConnectionOptions.class;
  }

  Connection resolve(Environment environment) {
    Setting given =
        environment
            .setting("--server", server)
            .or(() -> environment.variable(SERVER_VARIABLE))
            .orElseThrow(
                () ->
                    new BadSetting(
                        "no server: expected --server URL (or HOLDFAST_SERVER, or "
                            + SERVER_VARIABLE
                            + ")",
                        ExitCode.USAGE));
    if (given.value().contains(",")) {
      throw given.notLanded("a list of servers");
    }
    int equals = given.value().indexOf('=');
    boolean named = equals >= 0 && equals < given.value().indexOf("://");
    String url = given.value().substring(named ? equals + 1 : 0).strip();
    ConductorSpec spec = given.accept(() -> ConductorSpec.of(url));
    if (named) {
      String name = given.value().substring(0, equals);
      if (!NAME.matcher(name).matches()) {
        throw given.bad(
            "expected a name of letters, digits and . _ : - before the URL, 64 at most");
      }
      spec = spec.region(name);
    }
    boolean secure = url.regionMatches(true, 0, "https:", 0, "https:".length());
    return new Connection(
        spec,
        url.replaceAll("/+$", ""),
        Credentials.of(environment).orElse(null),
        environment.setting("--ca", ca).map(s -> tls(s, secure, "certificates")).orElse(null),
        identity(environment, secure),
        environment.setting("--proxy", proxy).map(ConnectionOptions::checkProxy).orElse(null));
  }

  private Connection.@Nullable Identity identity(Environment environment, boolean secure) {
    Optional<Setting> certificate = environment.setting("--client-cert", clientCert);
    Optional<Setting> key = environment.setting("--client-key", clientKey);
    if (certificate.isPresent() != key.isPresent()) {
      Setting alone = certificate.or(() -> key).orElseThrow();
      throw alone.bad(
          "expected "
              + (certificate.isPresent() ? "--client-key" : "--client-cert")
              + " beside it");
    }
    if (certificate.isEmpty()) {
      return null;
    }
    return new Connection.Identity(
        tls(certificate.get(), secure, "a certificate chain"),
        tls(key.orElseThrow(), secure, "a private key"));
  }

  private static Path tls(Setting setting, boolean secure, String what) {
    if (!secure) {
      throw setting.bad("has no effect on a server that is not https");
    }
    return setting.file("a PEM file with " + what);
  }

  private static URI checkProxy(Setting setting) {
    // Only the check counts: the spec's server is a stand-in.
    setting.accept(() -> ConductorSpec.of(EXAMPLE).proxy(setting.value().strip()));
    return URI.create(setting.value().strip());
  }
}
