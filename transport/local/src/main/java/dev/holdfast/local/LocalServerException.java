package dev.holdfast.local;

import org.jspecify.annotations.Nullable;

/**
 * The server can't start: its address can't be had, it would be open to a network without
 * credentials, or its journal can't be read. An expected error with a message of one line.
 */
public final class LocalServerException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  LocalServerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
