/**
 * What all callers of one server know of its outage.
 *
 * <h2>How a worker uses it</h2>
 *
 * <p>One {@link dev.holdfast.outage.OutageSignal} per region and run, with the poll channel of each
 * lane. A call passes the gate, begins its pass right before it is made, and reports how it ended;
 * {@code call} does all three. {@code retry} decides when a failed one goes to the gate again.
 *
 * <p><b>Poll.</b> The lane waits at the gate first, holding nothing, and for its turn after that;
 * so while the server is away no place is reserved. If an outage begins while it waits for its turn
 * the pass is void: the turn is given back, and {@code repeat} brings the lane to the gate. The
 * same happens to a probe that gets no turn within 1 s, since then another caller is the probe.
 *
 * <pre>{@code
 * outage.pass(lane.channel())
 *     .flatMapMany(pass -> turns.next(lane)
 *         .doOnSuccess(ticket -> { if (ticket == null) pass.close(); })
 *         .flatMapMany(ticket -> pass.begin()
 *             ? pass.report(poll(ticket, pass.isProbe() ? ofMillis(100) : ticket.longPoll))
 *             : giveBack(ticket)))
 *     .retryWhen(outage.retry(lane.channel()))
 *     .repeat(() -> !turns.isClosed());
 * }</pre>
 *
 * <p>When the drain begins, {@code turns.close()} comes first and {@code outage.stopPolls()} next:
 * it completes each wait at the gate and cuts each backoff short, and touches no poll in flight.
 *
 * <p><b>Update.</b> Outside the bound on what is under way, so that a result that waits holds no
 * place; what is refused for good leaves as an error that is no {@code ServerFailure}. A look-up
 * before a repetition is a call of the same channel.
 *
 * <pre>{@code
 * Mono<Settled> send(Delivery delivery) {
 *   return outage.pass(update())
 *       .flatMap(pass -> sendGate.pass(due, Mono.defer(() -> pass.begin()
 *           ? pass.report(sendNow(delivery))
 *           : Mono.just(VOID))))
 *       .flatMap(answer -> answer == VOID ? send(delivery) : Mono.just(answer));
 * }
 * send(delivery)
 *     .onErrorMap(ServerFailure.class, failure -> isRefused(failure) ? new Refused(failure) : failure)
 *     .retryWhen(outage.retry(update()));
 * }</pre>
 *
 * <p>Where each allocation counts, the first try may skip all that: if {@code isOpen()}, stamp the
 * begin, call, and report to {@code onSuccess} or {@code onFailure}, whose decision's delay is then
 * the wait before the pipeline above.
 *
 * <p><b>Lease.</b> {@code outage.call(lease(), client.extendLease(..)).retryWhen(outage.retry(
 * lease()))}, inside whatever ends the keeping of that lease: cancelling leaves the gate. A
 * rejected extension comes out as it is.
 *
 * <p><b>The end.</b> {@code gaveUp()} joins the run's pipeline, so that giving up ends the run with
 * its exception; its kind says which exit code. {@code close()} is the last thing of a run, before
 * its timer is disposed. A wait that {@code close()} ends is empty: what waits stays in the outbox.
 *
 * <p><b>The prober.</b> It is the permit that the gate gives: whoever holds it makes the only call.
 * The worker owns one signal per region, and so one prober, and hands both to the router. A region
 * that isn't polled is probed by its pinned updates and leases, which wait at its gate; if there
 * are none, by the router's own {@code outage.call(probe(), client.queueSize(..))}, which is the
 * least urgent. A breaker half opens for the call whose pass {@code isProbe}.
 */
@NullMarked
package dev.holdfast.outage;

import org.jspecify.annotations.NullMarked;
