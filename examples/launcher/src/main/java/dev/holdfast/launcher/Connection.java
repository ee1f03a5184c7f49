package dev.holdfast.launcher;

import dev.holdfast.client.TaskClient;
import dev.holdfast.conductor.ConductorSpec;
import dev.holdfast.conductor.ConductorTaskClient;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A task server and the way to it.
 *
 * @param server its URL and name, checked
 * @param url its API, base path included, without a slash at the end
 * @param credentials for its token, if it wants one
 * @param ca who signed its certificate, if not somebody whom the system trusts
 * @param identity the client's certificate and key, if it wants them
 * @param proxy an HTTP proxy in between, if there is one
 */
record Connection(
    ConductorSpec server,
    String url,
    @Nullable Credentials credentials,
    @Nullable Path ca,
    @Nullable Identity identity,
    @Nullable URI proxy) {

  /** A client certificate, and the file that holds its key. */
  record Identity(Path certificate, Path key) {}

  /** A client for a worker. */
  TaskClient client() {
    ConductorSpec spec = server;
    if (credentials != null) {
      spec = spec.token(credentials.keyId(), credentials.secret());
    }
    if (ca != null) {
      spec = spec.trust(ca);
    }
    if (identity != null) {
      spec = spec.clientCertificate(identity.certificate(), identity.key());
    }
    if (proxy != null) {
      spec = spec.proxy(proxy.toString());
    }
    try {
      return ConductorTaskClient.create(spec);
    } catch (IllegalArgumentException e) {
      // All values were checked before, so what is left is what the files hold.
      throw new BadSetting(String.valueOf(e.getMessage()), ExitCode.CONFIG);
    }
  }
}
