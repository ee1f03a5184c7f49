package dev.holdfast.launcher;

import java.util.Optional;

/**
 * What {@code POST /token} wants. Only ever from the environment: a command line is for everybody
 * on the machine to read.
 */
record Credentials(String keyId, String secret) {

  static final String KEY = "CONDUCTOR_AUTH_KEY";
  static final String SECRET = "CONDUCTOR_AUTH_SECRET";

  /** The credentials, or nothing if neither half is set. */
  static Optional<Credentials> of(Environment environment) {
    Optional<Setting> key = environment.variable(KEY);
    Optional<Setting> secret = environment.variable(SECRET);
    if (key.isPresent() != secret.isPresent()) {
      throw new BadSetting(
          (key.isPresent() ? KEY + " is set and " + SECRET : SECRET + " is set and " + KEY)
              + " is not: expected both or neither",
          ExitCode.CONFIG);
    }
    return key.map(id -> new Credentials(id.value(), secret.orElseThrow().value()));
  }

  @Override
  public String toString() {
    return "Credentials[" + keyId + ", ***]";
  }
}
