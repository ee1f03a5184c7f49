package dev.holdfast.worker;

import dev.holdfast.client.TaskState;
import dev.holdfast.outage.Channel;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Mono;

/** The lease keeper's calls: in an outage they wait at its signal, ahead of all others. */
record LeaseCalls(Stage stage, String workerId) implements LeaseKeeper.Calls {

  @Override
  public Mono<Void> extend(Lease lease, BooleanSupplier begin) {
    return call(
        begin, stage.client().extendLease(lease.task().id(), lease.task().workflowId(), workerId));
  }

  @Override
  public Mono<TaskState> find(Lease lease, boolean urgent, BooleanSupplier begin) {
    return call(begin, stage.client().find(lease.task().id()));
  }

  /** A call that is not wanted any more when its turn comes says nothing of the server. */
  private <T> Mono<T> call(BooleanSupplier begin, Mono<T> call) {
    Mono<T> ifWanted =
        Mono.defer(() -> begin.getAsBoolean() ? call : Mono.error(new Unwanted()))
            .onErrorMap(error -> error instanceof Unwanted ? error : Stage.typed(error));
    return stage.outage().call(Channel.lease(), ifWanted).onErrorComplete(Unwanted.class);
  }

  private static final class Unwanted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unwanted() {
      super("the lease has ended", null, false, false);
    }
  }
}
