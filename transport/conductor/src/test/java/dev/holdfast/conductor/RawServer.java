package dev.holdfast.conductor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A server that does with each connection whatever a test wants, down to the bytes. */
final class RawServer implements AutoCloseable {

  /** What happens to one connection; the socket is closed when it returns. */
  interface Behaviour {
    void handle(Socket socket) throws IOException, InterruptedException;
  }

  private final ServerSocket listener;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  RawServer(Behaviour behaviour) {
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread acceptor = new Thread(() -> accept(behaviour), "raw-server");
    acceptor.setDaemon(true);
    acceptor.start();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/api";
  }

  int port() {
    return listener.getLocalPort();
  }

  int accepted() {
    return sockets.size();
  }

  /** Waits until the test is over, as a hanging server does. */
  void hang() throws InterruptedException {
    closing.await();
  }

  /** Waits, unless the test is over. */
  boolean pause(long millis) throws InterruptedException {
    return !closing.await(millis, TimeUnit.MILLISECONDS);
  }

  /** Reads up to the blank line that ends a request's head. */
  static String readHead(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("no request");
      }
      head.append((char) b);
    }
    return head.toString();
  }

  static void write(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
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

  private void accept(Behaviour behaviour) {
    while (true) {
      Socket socket;
      try {
        socket = listener.accept();
      } catch (IOException e) {
        return;
      }
      sockets.add(socket);
      Thread thread = new Thread(() -> serve(socket, behaviour), "raw-connection");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static void serve(Socket socket, Behaviour behaviour) {
    try (socket) {
      behaviour.handle(socket);
    } catch (IOException e) {
      // The other side has gone, which many tests are about.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
