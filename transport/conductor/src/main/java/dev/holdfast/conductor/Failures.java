package dev.holdfast.conductor;

import dev.holdfast.client.ServerFailure;
import dev.holdfast.client.ServerFailure.Kind;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.proxy.ProxyConnectException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.PrematureCloseException;

/** Types what goes wrong below HTTP, or in the middle of it. */
final class Failures {

  /** What the native transport puts before the system's own words. */
  private static final Pattern SYSTEM_CALL =
      Pattern.compile("^\\w+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: ");

  private final Endpoint server;
  private final ConductorSpec.Deadlines deadlines;

  Failures(Endpoint server, ConductorSpec.Deadlines deadlines) {
    this.server = server;
    this.deadlines = deadlines;
  }

  ServerFailure closed() {
    return ServerFailure.of(Kind.UNREACHABLE, "this client of " + address() + " is closed", null);
  }

  /** What a throwable of the HTTP client means for the call. */
  ServerFailure of(Throwable error, Exchange exchange) {
    if (error instanceof ServerFailure failure) {
      return failure;
    }
    // The HTTP client hands a request over before the proxy has agreed; then it is held back.
    boolean heldBack = find(error, ProxyConnectException.class) != null;
    return exchange.isSent() && !heldBack
        ? afterSend(error, exchange)
        : beforeSend(error, exchange);
  }

  /** The total deadline has passed, or the server was silent for too long. */
  ServerFailure overdue(Exchange exchange) {
    return exchange.isSilent() ? silent(exchange) : late(exchange);
  }

  private static ServerFailure silent(Exchange exchange) {
    String limit = Durations.text(exchange.call.silence());
    String what =
        exchange.status() == 0 ? "no answer within " + limit : "the answer stalled for " + limit;
    return unreachable(what + ": " + exchange.call, null, true)
        .withStatus(exchange.status())
        .withReplyCut(exchange.isAccepted());
  }

  private ServerFailure late(Exchange exchange) {
    String within = " within " + Durations.text(exchange.call.total()) + ": " + exchange.call;
    if (!exchange.isSent()) {
      return unreachable("No connection to " + address() + within, null, false);
    }
    if (exchange.status() == 0) {
      return unreachable("no answer" + within, null, true);
    }
    return unreachable("the answer was not complete" + within, null, true)
        .withStatus(exchange.status())
        .withReplyCut(exchange.isAccepted());
  }

  private ServerFailure beforeSend(Throwable error, Exchange exchange) {
    return unreachable(beforeSendText(error, exchange.call), error, false);
  }

  private String beforeSendText(Throwable error, Call call) {
    if (find(error, UnknownHostException.class) != null) {
      return "No such host: " + server.host();
    }
    if (find(error, ConnectTimeoutException.class) != null) {
      return "No connection to " + address() + timeLimit(deadlines.connect());
    }
    ProxyConnectException proxy = find(error, ProxyConnectException.class);
    if (proxy != null) {
      return "No connection to " + address() + " through the proxy: " + proxy.getMessage();
    }
    if (find(error, SSLException.class) != null) {
      return "TLS handshake with " + address() + " failed: " + rootMessage(error);
    }
    // The pool's own types are internal to the HTTP client; their parents are not.
    if (error instanceof TimeoutException) {
      return "No free connection" + timeLimit(deadlines.acquire()) + ": " + call;
    }
    if (error instanceof RejectedExecutionException) {
      return "Too many calls wait for a connection already: " + call;
    }
    ConnectException connect = find(error, ConnectException.class);
    if (connect != null && rootMessage(connect).contains("Connection refused")) {
      return "Connection refused: " + address();
    }
    return "No connection to " + address() + ": " + rootMessage(error);
  }

  private ServerFailure afterSend(Throwable error, Exchange exchange) {
    Call call = exchange.call;
    String where = ": " + call;
    ServerFailure failure;
    if (find(error, PrematureCloseException.class) != null) {
      failure =
          unreachable(
              exchange.status() == 0
                  ? "the connection was closed before an answer came" + where
                  : "the connection was closed in the middle of the answer" + where,
              error,
              true);
    } else if (find(error, IOException.class) != null) {
      failure = unreachable("connection lost (" + rootMessage(error) + ")" + where, error, true);
    } else {
      String text = "the answer is not HTTP (" + rootMessage(error) + ")" + where;
      failure = ServerFailure.of(Kind.BROKEN, text, error).withMaybeApplied(true);
    }
    return failure.withStatus(exchange.status()).withReplyCut(exchange.isAccepted());
  }

  private String address() {
    return server.address();
  }

  private static String timeLimit(Duration limit) {
    return " within " + Durations.text(limit);
  }

  private static ServerFailure unreachable(
      String text, @Nullable Throwable cause, boolean maybeApplied) {
    return ServerFailure.of(Kind.UNREACHABLE, text, cause).withMaybeApplied(maybeApplied);
  }

  private static <X extends Throwable> @Nullable X find(Throwable error, Class<X> type) {
    Throwable current = error;
    for (int depth = 0; current != null && depth < 10; depth++) {
      if (type.isInstance(current)) {
        return type.cast(current);
      }
      current = current.getCause();
    }
    return null;
  }

  private static String rootMessage(Throwable error) {
    Throwable root = error;
    for (int depth = 0; root.getCause() != null && depth < 10; depth++) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null || message.isBlank()
        ? root.getClass().getSimpleName()
        : SYSTEM_CALL.matcher(message).replaceFirst("");
  }
}
