package dev.holdfast.local;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Gives tokens to who shows the credentials, and checks them. A token carries its end and a
 * signature by a key that this start of the server has drawn, so none is kept; after a restart
 * clients are told to get another. Thread-safe.
 */
final class Tokens {

  /** Clients get a new one after three quarters of it. */
  static final Duration LIFE = Duration.ofHours(1);

  private static final String ALGORITHM = "HmacSHA256";
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private final byte[] keyId;
  private final byte[] secret;
  private final LongSupplier millis;
  private final SecretKeySpec key;

  Tokens(LocalServerSpec.Credentials credentials, LongSupplier millis) {
    this.keyId = digest(credentials.keyId());
    this.secret = digest(credentials.secret());
    this.millis = millis;
    byte[] drawn = new byte[32];
    new SecureRandom().nextBytes(drawn);
    this.key = new SecretKeySpec(drawn, ALGORITHM);
  }

  /** Answers a request for a token. */
  Answer issue(byte[] body) {
    Fields given = new Fields(Json.readObject(body));
    // Both are compared, so that the time tells nothing about either.
    boolean isKey = MessageDigest.isEqual(keyId, digest(given.text("keyId")));
    boolean isSecret = MessageDigest.isEqual(secret, digest(given.text("keySecret")));
    if (!(isKey && isSecret)) {
      return Answer.unauthorized("INVALID_CREDENTIALS", "keyId or keySecret is not right");
    }
    String end = Long.toString(millis.getAsLong() + LIFE.toMillis(), 36);
    return Answer.json(
        Json.text(Json.object().put("token", end + "." + ENCODER.encodeToString(sign(end)))));
  }

  /** The answer to a request with this token if it is not let in, else null. */
  @Nullable Answer check(@Nullable String token) {
    int dot = token == null ? -1 : token.indexOf('.');
    if (token == null || dot < 1 || dot > 13) {
      return invalid();
    }
    String end = token.substring(0, dot);
    byte[] signature = ENCODER.encode(sign(end));
    if (!MessageDigest.isEqual(
        signature, token.substring(dot + 1).getBytes(StandardCharsets.UTF_8))) {
      return invalid();
    }
    // It is ours, so it has a number.
    return Long.parseLong(end, 36) > millis.getAsLong()
        ? null
        : Answer.unauthorized("EXPIRED_TOKEN", "The token has expired: get another");
  }

  private static Answer invalid() {
    return Answer.unauthorized(
        "INVALID_TOKEN", "X-Authorization holds no token of this server: get one from /token");
  }

  private byte[] sign(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
