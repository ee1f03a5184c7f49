package dev.holdfast.conductor;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * How far one subscription of a call has come, which is what decides how its failure is typed.
 * Written by the connection's thread, read by the one that keeps the deadlines.
 */
final class Exchange {

  final Call call;
  private final Deadlines deadlines;
  private final @Nullable RequestBody body;
  private volatile @Nullable String token;
  private volatile boolean sent;
  private volatile int status;
  private volatile boolean tokenRefused;
  private volatile long heardNanos;
  private volatile @Nullable Executor reader;

  Exchange(Call call, Deadlines deadlines) {
    this.call = call;
    this.deadlines = deadlines;
    this.body = call.body() == null ? null : call.body().get();
  }

  /** Starts over with this token, or with none. */
  void begin(@Nullable String withToken) {
    token = withToken;
    sent = false;
    status = 0;
    tokenRefused = false;
  }

  @Nullable RequestBody body() {
    return body;
  }

  @Nullable String token() {
    return token;
  }

  /**
   * The request goes out.
   *
   * @param thread reads what comes
   */
  void markSent(Executor thread) {
    reader = thread;
    markHeard();
    sent = true;
  }

  /** Runs it once all that has come by now has been read; never, if the reader hangs. */
  void afterReading(Runnable look) {
    Executor thread = reader;
    if (thread != null) {
      try {
        thread.execute(look);
      } catch (RejectedExecutionException e) {
        look.run();
      }
    }
  }

  /** Something came, which is how long a silence lasts at the most. */
  void markHeard() {
    heardNanos = deadlines.now();
  }

  /** Whether the server has been silent for longer than it may be. */
  boolean isSilent() {
    long now = deadlines.now();
    return sent && silentUntilNanos(now) - now <= 0;
  }

  /** Until when the server may be silent; before it was called, as long as ever. */
  long silentUntilNanos(long nowNanos) {
    return (sent ? heardNanos : nowNanos) + call.silence().toNanos();
  }

  /** Whether bytes of the request may have reached the server. */
  boolean isSent() {
    return sent;
  }

  void answered(int withStatus) {
    status = withStatus;
    markHeard();
  }

  /** The answer's status, 0 before it came. */
  int status() {
    return status;
  }

  boolean isAccepted() {
    return status >= 200 && status < 300;
  }

  void markTokenRefused() {
    tokenRefused = true;
  }

  boolean isTokenRefused() {
    return tokenRefused;
  }
}
