package dev.holdfast.worker;

import java.util.concurrent.ThreadPoolExecutor;
import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/** A handler's thread that has nothing to do waits for work: that is the one place where it may. */
public final class IdleHandlerThreads implements BlockHoundIntegration {

  @Override
  public void applyTo(BlockHound.Builder builder) {
    builder.allowBlockingCallsInside(ThreadPoolExecutor.class.getName(), "getTask");
  }
}
