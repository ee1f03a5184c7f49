package dev.holdfast.benchmarks;

/** An argument that can't be used. Its message is one line that names it and what was expected. */
final class BadArgument extends RuntimeException {

  private static final long serialVersionUID = 1L;

  BadArgument(String message) {
    super(message, null, false, false);
  }
}
