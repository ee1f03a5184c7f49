package dev.holdfast.launcher;

/** How a command ended, for scripts and supervisors; the numbers above 63 are those of sysexits. */
final class ExitCode {

  /** All is well: drained, submitted, or completed. */
  static final int OK = 0;

  /** Anything that has no code of its own. */
  static final int ERROR = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** The worker gave up on the server. */
  static final int UNAVAILABLE = 69;

  /** The worker ended while results waited or handlers ran. */
  static final int UNFINISHED = 75;

  /** The server refused the worker's credentials for as long as it tried. */
  static final int UNAUTHORIZED = 77;

  /** A variable of the environment or a file is wrong. */
  static final int CONFIG = 78;

  private ExitCode() {}
}
