package dev.holdfast.task;

import org.jspecify.annotations.Nullable;

/** A payload can't be read as what was asked for, or a value can't be written as a payload. */
public final class PayloadException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates one.
   *
   * @param message what was expected and what was found
   * @param cause what the codec said, or null
   */
  public PayloadException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
