package dev.holdfast.benchmarks.server;

import static dev.holdfast.benchmarks.server.Request.ascii;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One connection: requests in, answers out, in order; none waits for another but a long poll. */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails has lost its connection.
final class Connection extends ByteToMessageDecoder {

  private static final int MAX_REQUEST = 1 << 20;
  private static final int MAX_COUNT = 10_000;
  private static final long LONGEST_WAIT_MILLIS = 5_000;
  private static final long LOOK_AGAIN_MICROS = 1_000;

  private static final byte[] BATCH_POLL = ascii("/api/tasks/poll/batch/");
  private static final byte[] POLL = ascii("/api/tasks/poll/");
  private static final byte[] UPDATE = ascii("/api/tasks");
  private static final byte[] UPDATE_V2 = ascii("/api/tasks/update-v2");
  private static final byte[] STATS = ascii("/stats");
  private static final byte[] MARK = ascii("/mark");
  private static final byte[] RESET = ascii("/reset");
  private static final byte[] DRY_UP = ascii("/dry-up");

  private static final byte[] TASK_ID = ascii(TaskTemplate.TASK_ID);
  private static final byte[] WORKFLOW_ID = ascii(TaskTemplate.WORKFLOW_ID);
  private static final byte[] OUTPUT = ascii(TaskTemplate.OUTPUT);
  private static final byte[] COMPLETED = ascii("\"status\":\"COMPLETED\"");

  private static final byte[] IN_PROGRESS = ascii("\"status\":\"IN_PROGRESS\"");

  private static final byte[] JSON =
      ascii("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ");
  private static final byte[] TEXT =
      ascii("HTTP/1.1 200 OK\r\ncontent-type: text/plain;charset=UTF-8\r\ncontent-length: ");
  private static final byte[] NOTHING = ascii("HTTP/1.1 204 No Content\r\n\r\n");
  private static final byte[] BAD_REQUEST =
      ascii("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  private static final byte[] NOT_FOUND =
      ascii("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
  private static final byte[] END_OF_HEAD = ascii("\r\n\r\n");
  private static final int TASK_ID_LENGTH = 36;

  private final Ledger ledger;
  private final TaskTemplate template;
  private final Request request = new Request();
  private byte[] scratch = new byte[4096];
  private boolean waiting;

  Connection(Ledger ledger, TaskTemplate template) {
    this.ledger = ledger;
    this.template = template;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int length = in.readableBytes();
    if (waiting && length <= MAX_REQUEST) {
      return;
    }
    if (scratch.length < length) {
      scratch = new byte[Math.max(length, Math.min(MAX_REQUEST, 2 * scratch.length))];
    }
    in.getBytes(in.readerIndex(), scratch, 0, length);
    Request.Reading reading =
        length > MAX_REQUEST ? Request.Reading.BAD : request.read(scratch, length);
    switch (reading) {
      case INCOMPLETE -> {}
      case BAD -> {
        in.skipBytes(length);
        ledger.count(Counter.OTHER, 1);
        ctx.writeAndFlush(constant(ctx, BAD_REQUEST)).addListener(ChannelFutureListener.CLOSE);
      }
      case COMPLETE -> {
        in.skipBytes(request.length());
        answer(ctx, System.nanoTime());
        if (request.wantsClose() && !waiting) {
          ctx.writeAndFlush(ctx.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
        }
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    ctx.flush();
    super.channelReadComplete(ctx);
  }

  /** Clients may close whenever they like. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private void answer(ChannelHandlerContext ctx, long now) {
    if (request.isPost()) {
      if (request.isFor(UPDATE)) {
        received(Counter.UPDATES);
        int id = complete(now);
        send(ctx, ok(ctx, id));
        return;
      }
      if (request.isFor(UPDATE_V2)) {
        received(Counter.UPDATES_V2);
        complete(now);
        next(ctx, now);
        return;
      }
    } else if (request.targets(BATCH_POLL)) {
      received(Counter.POLLS);
      int count = (int) Math.min(MAX_COUNT, request.parameter("count", 1));
      poll(ctx, count, now + waitNanos(), now);
      return;
    } else if (request.targets(POLL)) {
      received(Counter.POLLS);
      next(ctx, now);
      return;
    }
    control(ctx, now);
  }

  private void received(Counter kind) {
    ledger.count(kind, 1);
    ledger.count(Counter.BYTES_IN, request.length());
  }

  private void send(ChannelHandlerContext ctx, ByteBuf answer) {
    ledger.count(Counter.BYTES_OUT, answer.readableBytes());
    ctx.write(answer, ctx.voidPromise());
  }

  private long waitNanos() {
    long millis = Math.min(LONGEST_WAIT_MILLIS, request.parameter("timeout", 0));
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** As a Conductor server does, a poll waits for the whole count. */
  private void poll(ChannelHandlerContext ctx, int count, long deadline, long now) {
    int available = ledger.available(now);
    waiting = available < count && now - deadline < 0;
    if (waiting) {
      ctx.executor()
          .schedule(
              () -> lookAgain(ctx, count, deadline), LOOK_AGAIN_MICROS, TimeUnit.MICROSECONDS);
      return;
    }
    int given = Math.min(count, Math.max(0, available));
    if (given == 0) {
      ledger.count(Counter.EMPTY_POLLS, 1);
    }
    int length = given * (template.length() + 1) + (given == 0 ? 2 : 1);
    ByteBuf answer = head(ctx, JSON, length);
    answer.writeByte('[');
    for (int i = 0; i < given; i++) {
      if (i > 0) {
        answer.writeByte(',');
      }
      template.write(ledger.handOut(now), answer);
    }
    answer.writeByte(']');
    send(ctx, answer);
  }

  private void lookAgain(ChannelHandlerContext ctx, int count, long deadline) {
    if (ctx.channel().isActive()) {
      poll(ctx, count, deadline, System.nanoTime());
      if (!waiting) {
        ctx.flush();
      }
    }
  }

  private void next(ChannelHandlerContext ctx, long now) {
    if (ledger.available(now) <= 0) {
      ledger.count(Counter.EMPTY_POLLS, 1);
      send(ctx, constant(ctx, NOTHING));
      return;
    }
    ByteBuf answer = head(ctx, JSON, template.length());
    template.write(ledger.handOut(now), answer);
    send(ctx, answer);
  }

  /** Where the task's id begins in the request, or -1. */
  private int complete(long now) {
    byte[] bytes = request.bytes();
    int at = request.behindInBody(TASK_ID);
    long number = Digits.read(bytes, at, request.length());
    long workflow = Digits.read(bytes, request.behindInBody(WORKFLOW_ID), request.length());
    int output = request.behindInBody(OUTPUT);
    Ledger.Result result = Ledger.Result.WRONG;
    if (workflow == number
        && template.isInput(number, bytes, output, request.length())
        && request.behindInBody(COMPLETED) >= 0) {
      result = Ledger.Result.ECHO;
    } else if (workflow == number && request.behindInBody(IN_PROGRESS) >= 0) {
      result = Ledger.Result.HANDED_BACK;
    }
    ledger.take(number, result, now);
    return number < 0 ? -1 : at + Digits.WIDTH - TASK_ID_LENGTH;
  }

  private ByteBuf ok(ChannelHandlerContext ctx, int id) {
    if (id < 0) {
      return constant(ctx, NOT_FOUND);
    }
    return head(ctx, TEXT, TASK_ID_LENGTH).writeBytes(request.bytes(), id, TASK_ID_LENGTH);
  }

  private void control(ChannelHandlerContext ctx, long now) {
    boolean post = request.isPost();
    if (!post && request.isFor(STATS)) {
      tell(ctx, ledger.counts(now).toString());
    } else if (post && request.isFor(MARK)) {
      tell(ctx, ledger.counts(now).toString());
      ledger.mark();
    } else if (post && request.isFor(DRY_UP)) {
      tell(ctx, ledger.counts(now).toString());
      ledger.dryUp();
    } else if (post && request.isFor(RESET)) {
      tell(ctx, ledger.counts(now).toString());
      ledger.reset(
          new Supply(
              request.parameter("tasks", 0),
              request.parameter("rate", 0),
              (int) request.parameter("slots", 0)),
          now);
    } else {
      received(Counter.OTHER);
      send(ctx, constant(ctx, NOT_FOUND));
    }
  }

  private static void tell(ChannelHandlerContext ctx, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ctx.write(head(ctx, TEXT, bytes.length).writeBytes(bytes));
  }

  private static ByteBuf head(ChannelHandlerContext ctx, byte[] start, int length) {
    ByteBuf answer = ctx.alloc().ioBuffer(start.length + 16 + length);
    answer.writeBytes(start);
    ByteBufUtil.writeAscii(answer, Integer.toString(length));
    return answer.writeBytes(END_OF_HEAD);
  }

  private static ByteBuf constant(ChannelHandlerContext ctx, byte[] bytes) {
    return ctx.alloc().ioBuffer(bytes.length).writeBytes(bytes);
  }
}
