package dev.holdfast.conductor;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Makes the TLS context of a client from the files that its options name. */
final class Tls {

  private static final int MAX_FILE = 16 << 20;

  private Tls() {}

  static SslContext context(
      @Nullable Path trust, ConductorSpec.@Nullable ClientCertificate clientCertificate) {
    SslContextBuilder builder = SslContextBuilder.forClient();
    if (trust != null) {
      builder.trustManager(certificates("the CA file", trust));
    }
    if (clientCertificate != null) {
      Path certificate = clientCertificate.certificate();
      Path key = clientCertificate.key();
      certificates("the client certificate", certificate);
      byte[] chain = read("the client certificate", certificate);
      byte[] secret = read("the client key", key);
      try {
        builder.keyManager(new ByteArrayInputStream(chain), new ByteArrayInputStream(secret));
      } catch (IllegalArgumentException e) {
        throw new TlsFileException(
            "the client key", key, "expected an unencrypted private key in PEM form, PKCS#8", e);
      }
    }
    try {
      return builder.build();
    } catch (SSLException e) {
      Path file = clientCertificate == null ? Path.of("") : clientCertificate.key();
      throw new TlsFileException("the client key", file, "it does not fit its certificate", e);
    }
  }

  private static X509Certificate[] certificates(String what, Path file) {
    try {
      X509Certificate[] found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(read(what, file)))
              .stream()
              .map(Tls::x509)
              .toArray(X509Certificate[]::new);
      if (found.length == 0) {
        throw new CertificateException("no certificate");
      }
      return found;
    } catch (CertificateException e) {
      throw new TlsFileException(what, file, "expected X.509 certificates in PEM form", e);
    }
  }

  private static X509Certificate x509(Certificate certificate) {
    return (X509Certificate) certificate;
  }

  private static byte[] read(String what, Path file) {
    try {
      if (Files.size(file) > MAX_FILE) {
        throw new IOException("it is larger than " + MAX_FILE + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new TlsFileException(what, file, "there is no such file", e);
    } catch (IOException e) {
      String why = e.getMessage() == null ? "it is unreadable" : e.getMessage();
      throw new TlsFileException(what, file, why, e);
    }
  }
}
