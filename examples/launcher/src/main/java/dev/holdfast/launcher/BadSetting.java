package dev.holdfast.launcher;

/** A value that can't be used. Its message is one line that says where it stands and what to do. */
final class BadSetting extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  BadSetting(String message, int exitCode) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
