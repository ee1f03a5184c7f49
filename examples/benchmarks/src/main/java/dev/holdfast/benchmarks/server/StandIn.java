package dev.holdfast.benchmarks.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * A task server without an engine, on a free port of the loopback interface: it hands out tasks
 * that are made of one template and checks that each comes back once, completed, with its input as
 * its output. One event loop does everything, so that its core is all that it can use.
 *
 * <p>Beside the task API it answers {@code GET /stats} with {@link Counts}, {@code POST /mark} with
 * the same and a new window for the figures of slots, {@code POST /dry-up} with the same and no
 * more work, and {@code POST /reset?tasks=N&rate=N&slots=N}, all optional, with what has been
 * counted until then and a new beginning.
 */
public final class StandIn implements AutoCloseable {

  private final EventLoopGroup loop;
  private final Channel channel;

  private StandIn(EventLoopGroup loop, Channel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  /**
   * Starts one.
   *
   * @return the running server
   * @throws InterruptedException if interrupted meanwhile
   */
  public static StandIn start() throws InterruptedException {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    Class<? extends ServerChannel> kind =
        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, io);
    Ledger ledger = new Ledger();
    TaskTemplate template = new TaskTemplate("ship");
    Channel channel =
        new ServerBootstrap()
            .group(loop)
            .channel(kind)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    accepted.pipeline().addLast(new Connection(ledger, template));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    return new StandIn(loop, channel);
  }

  /** {@return where it listens} */
  public int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /**
   * Runs one until its input ends. Its first line of output is the port.
   *
   * @param args none
   * @throws InterruptedException if interrupted
   * @throws IOException if its input fails
   */
  public static void main(String[] args) throws InterruptedException, IOException {
    try (StandIn server = start()) {
      System.out.println(server.port());
      while (System.in.read() >= 0) {
        // What is said does not matter.
      }
    }
  }
}
