package dev.holdfast.conductor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Over TLS with certificates made here, and through a proxy of our own. */
@Timeout(60)
@ExtendWith(LeakDetection.class)
class TlsAndProxyTest {

  private static final String PASSWORD = "changeit";

  @TempDir static Path folder;

  @BeforeAll
  static void makeCertificates() throws Exception {
    makeCertificate("server", "SAN=IP:127.0.0.1");
    makeCertificate("stranger", "SAN=DNS:elsewhere.example");
    makeCertificate("client", "SAN=DNS:client.example");
  }

  @Test
  void aServerWhoseCertificateIsTrustedIsSpokenTo() throws Exception {
    ApiServer server = tlsServer("server", ClientAuth.NONE);
    verify(server, spec -> spec.trust(pem("server")), null);
  }

  @Test
  void aServerWhoseCertificateIsNotTrustedIsNot() throws Exception {
    ApiServer server = tlsServer("server", ClientAuth.NONE);
    verify(server, spec -> spec, "TLS handshake with 127.0.0.1:" + server.port() + " failed: ");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aCertificateForAnotherHostIsRefused() throws Exception {
    ApiServer server = tlsServer("stranger", ClientAuth.NONE);
    verify(
        server,
        spec -> spec.trust(pem("stranger")),
        "TLS handshake with 127.0.0.1:" + server.port() + " failed: ");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aClientCertificateIsShown() throws Exception {
    ApiServer server = tlsServer("server", ClientAuth.REQUIRE);
    verify(
        server,
        spec -> spec.trust(pem("server")).clientCertificate(pem("client"), key("client")),
        null);
  }

  @Test
  void aServerThatWantsACertificateRefusesAClientWithoutOne() throws Exception {
    ApiServer server = tlsServer("server", ClientAuth.REQUIRE);
    verify(server, spec -> spec.trust(pem("server")), "");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aKeyThatIsNoKeyIsNamed() {
    ConductorSpec spec =
        ConductorSpec.of("https://127.0.0.1:1/api").clientCertificate(pem("client"), pem("client"));
    assertThatThrownBy(() -> ConductorTaskClient.create(spec))
        .isInstanceOf(TlsFileException.class)
        .hasMessageStartingWith("the client key " + pem("client") + " can't be used: ");
  }

  @Test
  void callsGoThroughTheProxy() {
    Queue<String> heads = new ConcurrentLinkedQueue<>();
    ApiServer server = new ApiServer();
    try (RawServer proxy = new RawServer(client -> tunnel(client, heads))) {
      answerOne(server);
      call(ConductorSpec.of(server.url()).proxy("http://127.0.0.1:" + proxy.port()), null);
      assertThat(heads).singleElement().asString().startsWith("CONNECT 127.0.0.1:" + server.port());
      assertThat(server.requests()).hasSize(1);
    } finally {
      server.close();
    }
  }

  @Test
  void aProxyThatRefusesIsNamedAsTheReason() {
    try (RawServer proxy =
        new RawServer(
            client -> {
              RawServer.readHead(client);
              RawServer.write(client, "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
            })) {
      call(
          ConductorSpec.of("http://server.example:1/api").proxy("http://127.0.0.1:" + proxy.port()),
          "No connection to server.example:1 through the proxy: ");
    }
  }

  private static void verify(
      ApiServer server, UnaryOperator<ConductorSpec> options, @Nullable String failure) {
    try {
      answerOne(server);
      call(options.apply(ConductorSpec.of("https://127.0.0.1:" + server.port() + "/api")), failure);
    } finally {
      server.close();
    }
  }

  private static void answerOne(ApiServer server) {
    server.script((request, response, body) -> response.sendString(Mono.just("1")));
  }

  /** Calls; the failure's text starts as given, or there is none. */
  private static void call(ConductorSpec spec, @Nullable String failure) {
    ConductorTaskClient client = ConductorTaskClient.create(spec);
    try {
      verify(client.queueSize("greet", null), failure);
    } finally {
      client.close().block(Duration.ofSeconds(10));
    }
    assertThat(client.openConnections()).isZero();
  }

  private static void verify(Mono<Long> call, @Nullable String failure) {
    if (failure == null) {
      call.as(StepVerifier::create).expectNext(1L).verifyComplete();
      return;
    }
    call.as(StepVerifier::create)
        .expectErrorSatisfies(
            error -> {
              ServerFailure typed = (ServerFailure) error;
              assertThat(typed.kind()).isEqualTo(Kind.UNREACHABLE);
              assertThat(typed.text()).startsWith(failure);
              if (!failure.isEmpty()) {
                assertThat(typed.maybeApplied()).isFalse();
              }
            })
        .verify(Duration.ofSeconds(20));
  }

  private static ApiServer tlsServer(String name, ClientAuth auth) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store(name), PASSWORD.toCharArray());
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    KeyStore clients = KeyStore.getInstance("PKCS12");
    clients.load(null, null);
    clients.setCertificateEntry("client", store("client").getCertificate("client"));
    trust.init(clients);
    SslContext context =
        SslContextBuilder.forServer(keys).trustManager(trust).clientAuth(auth).build();
    return new ApiServer(http -> http.secure(ssl -> ssl.sslContext(context)));
  }

  private static void makeCertificate(String name, String extension) throws Exception {
    Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    List<String> command =
        new ArrayList<>(List.of(tool.toString(), "-genkeypair", "-alias", name, "-keyalg", "EC"));
    command.addAll(List.of("-groupname", "secp256r1", "-dname", "CN=" + name, "-validity", "2"));
    command.addAll(List.of("-ext", extension, "-ext", "BC=ca:true"));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    command.addAll(List.of("-keystore", folder.resolve(name + ".p12").toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    KeyStore store = store(name);
    writePem(pem(name), "CERTIFICATE", store.getCertificate(name).getEncoded());
    writePem(key(name), "PRIVATE KEY", store.getKey(name, PASSWORD.toCharArray()).getEncoded());
  }

  private static KeyStore store(String name) throws Exception {
    return KeyStore.getInstance(folder.resolve(name + ".p12").toFile(), PASSWORD.toCharArray());
  }

  private static void writePem(Path file, String kind, byte[] content) throws IOException {
    String lines = Base64.getMimeEncoder().encodeToString(content);
    Files.writeString(
        file, "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n");
  }

  private static Path pem(String name) {
    return folder.resolve(name + ".pem");
  }

  private static Path key(String name) {
    return folder.resolve(name + ".key");
  }

  /** A proxy's tunnel: one thread each way. */
  private static void tunnel(Socket client, Queue<String> heads) throws IOException {
    String head = RawServer.readHead(client);
    heads.add(head);
    String port = head.substring(head.indexOf(':') + 1, head.indexOf(" HTTP"));
    try (Socket server = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port))) {
      RawServer.write(client, "HTTP/1.1 200 OK\r\n\r\n");
      Thread back = new Thread(() -> copy(server, client), "raw-tunnel");
      back.setDaemon(true);
      back.start();
      copy(client, server);
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[4096];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // One side has gone: so does the tunnel.
    }
  }
}
