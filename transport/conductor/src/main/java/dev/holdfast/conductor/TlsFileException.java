package dev.holdfast.conductor;

import java.nio.file.Path;

/**
 * A PEM file that can't be used: it is missing, unreadable, or holds something else. It is an
 * expected error with a message of one line; the file's content is never in it.
 */
public final class TlsFileException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  TlsFileException(String what, Path file, String why, Throwable cause) {
    super(what + " " + file + " can't be used: " + why, cause);
  }
}
