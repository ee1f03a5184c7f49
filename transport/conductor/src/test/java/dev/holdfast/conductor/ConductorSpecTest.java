package dev.holdfast.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConductorSpecTest {

  private static final ConductorSpec SPEC = ConductorSpec.of("http://127.0.0.1:8080/api");

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:8080/api, false, 127.0.0.1, 8080, /api",
    "http://127.0.0.1:8080/api//, false, 127.0.0.1, 8080, /api",
    "HTTPS://conductor.example, true, conductor.example, 443, ''",
    "http://conductor_server/x/y/, false, conductor_server, 80, /x/y",
    "'  http://[::1]:9/api ', false, ::1, 9, /api"
  })
  void aUrlIsTakenApart(String url, boolean secure, String host, int port, String path) {
    assertThat(Endpoint.server(url)).isEqualTo(new Endpoint(secure, host, port, path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "127.0.0.1:8080",
        "localhost",
        "ftp://host/api",
        "http://",
        "http:///api",
        "http://:8080/api",
        "http://host:0/api",
        "http://host:65536/api",
        "http://host:x/api",
        "http://host:/api",
        "http://ho st/api",
        "http://hö&st/api",
        "http://host/api?x=1",
        "http://host/api#top"
      })
  void whatIsNoServerUrlIsRefusedByName(String url) {
    assertThatThrownBy(() -> ConductorSpec.of(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("server URL \"" + url + "\": ")
        .hasMessageEndingWith("; expected one such as http://127.0.0.1:8080/api");
  }

  @Test
  void credentialsInAUrlAreRefusedAndNotRepeated() {
    assertThatThrownBy(() -> ConductorSpec.of("http://joe:hush@host/api"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("it holds credentials")
        .hasMessageNotContaining("hush");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://proxy:3128", "http://proxy:3128/path", "proxy:3128"})
  void whatIsNoProxyUrlIsRefusedByName(String url) {
    assertThatThrownBy(() -> SPEC.proxy(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("proxy URL \"" + url + "\": ");
  }

  @Test
  void theRegionIsHostAndPortUntilItIsNamed() {
    assertThat(SPEC.parts().region()).isEqualTo("127.0.0.1:8080");
    assertThat(ConductorSpec.of("https://[::1]/api").parts().region()).isEqualTo("[::1]:443");
    assertThat(SPEC.region("west").parts().region()).isEqualTo("west");
  }

  @Test
  void theDefaultsAreThoseOfTheTable() {
    ConductorSpec.Parts parts = SPEC.parts();
    assertThat(parts.maxTaskBytes()).isEqualTo(4 * 1024 * 1024);
    assertThat(parts.deadlines())
        .isEqualTo(new ConductorSpec.Deadlines(seconds(5), seconds(5), seconds(10), seconds(15)));
    assertThat(parts.pools())
        .isEqualTo(new ConductorSpec.Pools(64, 32, 8, seconds(30), Duration.ofMinutes(10)));
    assertThat(parts.ioThreads()).isBetween(1, 4);
  }

  @Test
  void eachWitherSetsItsOptionAndNoOther() {
    ConductorSpec all =
        SPEC.region("west")
            .token("key", "hush")
            .trust(Path.of("ca.pem"))
            .clientCertificate(Path.of("cert.pem"), Path.of("key.pem"))
            .proxy("http://proxy:3128")
            .maxTaskBytes(2_000)
            .connectTimeout(seconds(1))
            .acquireTimeout(seconds(2))
            .responseTimeout(seconds(3))
            .totalTimeout(seconds(4))
            .maxIdle(seconds(6))
            .maxLifetime(seconds(7))
            .connections(8, 9, 10)
            .ioThreads(11);
    assertThat(all.parts())
        .isEqualTo(
            new ConductorSpec.Parts(
                new Endpoint(false, "127.0.0.1", 8080, "/api"),
                "west",
                new ConductorSpec.Credentials("key", "hush"),
                Path.of("ca.pem"),
                new ConductorSpec.ClientCertificate(Path.of("cert.pem"), Path.of("key.pem")),
                new Endpoint(false, "proxy", 3128, ""),
                2_000,
                new ConductorSpec.Deadlines(seconds(1), seconds(2), seconds(3), seconds(4)),
                new ConductorSpec.Pools(8, 9, 10, seconds(6), seconds(7)),
                11));
    assertThat(all.region("east").parts().ioThreads()).isEqualTo(11);
    assertThat(SPEC.parts().credentials()).isNull();
  }

  @Test
  void valuesThatCantBeAreRefusedByNameAndValue() {
    refused("region is blank", spec -> spec.region(" "));
    refused("keyId is blank", spec -> spec.token("", "x"));
    refused("secret is blank", spec -> spec.token("x", ""));
    refused("maxTaskBytes is 1023", spec -> spec.maxTaskBytes(1023));
    refused("connectTimeout is PT0S", spec -> spec.connectTimeout(Duration.ZERO));
    refused("acquireTimeout is PT-1S", spec -> spec.acquireTimeout(seconds(-1)));
    refused(
        "responseTimeout is PT0.0009S", spec -> spec.responseTimeout(Duration.ofNanos(900_000)));
    refused("totalTimeout is PT25H", spec -> spec.totalTimeout(Duration.ofHours(25)));
    refused("maxIdle is PT0S", spec -> spec.maxIdle(Duration.ZERO));
    refused("maxLifetime is PT0S", spec -> spec.maxLifetime(Duration.ZERO));
    refused("connections for polls is 0", spec -> spec.connections(0, 1, 1));
    refused("connections for updates is -1", spec -> spec.connections(1, -1, 1));
    refused("connections for leases is 10001", spec -> spec.connections(1, 1, 10_001));
    refused("ioThreads is 0", spec -> spec.ioThreads(0));
  }

  @Test
  void theSecretIsNotPrinted() {
    assertThat(SPEC.token("key-1", "hush").toString()).contains("key-1").doesNotContain("hush");
  }

  @Test
  void filesThatCantBeUsedAreNamedWhenTheClientIsCreated(@TempDir Path folder) throws IOException {
    Path missing = folder.resolve("missing.pem");
    Path garbage = Files.writeString(folder.resolve("garbage.pem"), "not a certificate");
    Path empty = Files.createFile(folder.resolve("empty.pem"));
    ConductorSpec https = ConductorSpec.of("https://127.0.0.1:1/api");
    for (Path bad : List.of(missing, garbage, empty, folder)) {
      assertThatThrownBy(() -> ConductorTaskClient.create(https.trust(bad)))
          .isInstanceOf(TlsFileException.class)
          .hasMessageStartingWith("the CA file " + bad + " can't be used: ")
          .hasMessageNotContaining("not a certificate");
      assertThatThrownBy(() -> ConductorTaskClient.create(https.clientCertificate(bad, garbage)))
          .isInstanceOf(TlsFileException.class)
          .hasMessageStartingWith("the client certificate " + bad + " can't be used: ");
    }
    assertThat(Threads.named("holdfast-timer-127.0.0.1:1")).isEmpty();
  }

  private static void refused(String message, UnaryOperator<ConductorSpec> wither) {
    assertThatThrownBy(() -> wither.apply(SPEC))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message + ": expected");
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }
}
