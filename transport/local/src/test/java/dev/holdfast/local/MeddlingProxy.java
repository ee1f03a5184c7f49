package dev.holdfast.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/** Stands between a client and a server, and spoils what a test wants spoiled, call by call. */
final class MeddlingProxy implements AutoCloseable {

  /** What becomes of a call. */
  enum Fate {
    /** It is passed on, and so is its answer. */
    PASSED,
    /** The server carries it out; its answer is lost with the connection. */
    ANSWER_LOST,
    /** The server carries it out; the connection breaks in the middle of the answer. */
    ANSWER_CUT,
    /** It never gets to the server, and is never answered. */
    UNANSWERED,
    /** It never gets to the server: 503, and to be tried again in two seconds. */
    BUSY
  }

  /**
   * A call.
   *
   * @param atNanos when it came
   */
  record Request(String line, String body, long atNanos) {

    boolean isPoll() {
      return line.startsWith("GET /api/tasks/poll");
    }

    boolean isCompletion() {
      return body.contains("\"status\":\"COMPLETED\"");
    }

    boolean isRelease() {
      return body.contains("\"callbackAfterSeconds\":0");
    }
  }

  private static final String BUSY =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n";

  private final ServerSocket listener;
  private final int target;
  private final Function<Request, Fate> rule;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  MeddlingProxy(int target, Function<Request, Fate> rule) {
    this.target = target;
    this.rule = rule;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    begin("meddling-proxy", this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + listener.getLocalPort() + "/api";
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    while (true) {
      try {
        Socket client = listener.accept();
        sockets.add(client);
        begin("meddling-connection", () -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void begin(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      sockets.add(server);
      while (handle(client, server)) {
        // The next call on this connection.
      }
    } catch (IOException e) {
      // One of both has gone, and so does the other.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean handle(Socket client, Socket server) throws IOException, InterruptedException {
    byte[] call = message(client.getInputStream());
    String text = new String(call, UTF_8);
    Request request =
        new Request(
            text.substring(0, text.indexOf("\r\n")),
            text.substring(text.indexOf("\r\n\r\n") + 4),
            System.nanoTime());
    requests.add(request);
    Fate fate = rule.apply(request);
    if (fate == Fate.UNANSWERED) {
      closing.await();
      return false;
    }
    if (fate == Fate.BUSY) {
      client.getOutputStream().write(BUSY.getBytes(ISO_8859_1));
      return true;
    }
    server.getOutputStream().write(call);
    byte[] answer = message(server.getInputStream());
    if (fate == Fate.ANSWER_LOST) {
      return false;
    }
    if (fate == Fate.ANSWER_CUT) {
      int head = new String(answer, ISO_8859_1).indexOf("\r\n\r\n") + 4;
      client.getOutputStream().write(answer, 0, head + (answer.length - head) / 2);
      return false;
    }
    client.getOutputStream().write(answer);
    return true;
  }

  /** One whole message of HTTP/1.1, head and body. */
  private static byte[] message(InputStream in) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    String head = until(in, read, "\r\n\r\n").toLowerCase(Locale.ROOT);
    if (head.contains("transfer-encoding: chunked")) {
      until(in, read, "\r\n0\r\n\r\n");
    } else {
      int at = head.indexOf("content-length: ");
      int length =
          at < 0 ? 0 : Integer.parseInt(head.substring(at + 16, head.indexOf("\r\n", at)).strip());
      read.write(in.readNBytes(length));
    }
    return read.toByteArray();
  }

  private static String until(InputStream in, ByteArrayOutputStream read, String end)
      throws IOException {
    StringBuilder seen = new StringBuilder();
    while (seen.length() < end.length()
        || !seen.substring(seen.length() - end.length()).equals(end)) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("the connection ended");
      }
      read.write(b);
      seen.append((char) b);
    }
    return seen.toString();
  }
}
