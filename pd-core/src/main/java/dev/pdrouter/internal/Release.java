package dev.pdrouter.internal;

import dev.pdrouter.EngineRequest;
import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdEvent.Stranded;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a prefiller's blocks freed that no decode will read: there is no call for that, so the decoder is sent the handoff
 * in a request for one token, and its answer is dropped.
 *
 * <p>The answer is read to its end, for only then is it sure that the blocks were read. A decoder whose connection is
 * dropped sooner frees them too, but whether it had the request by then cannot be told.
 *
 * @param calls of the request that it comes from
 * @param toDecoder what the decoder is sent
 * @param prefiller who keeps the blocks
 * @param why nobody else reads them
 */
record Release(LegCalls calls, EngineRequest toDecoder, Target prefiller, Stranded why) {

    private static final Logger LOG = LoggerFactory.getLogger(Release.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /** How many bytes of a prompt it keeps in memory. */
    long size() {
        return toDecoder.body().length();
    }

    /** Does it on this thread and tells of it. */
    void run() {
        long started = System.nanoTime();
        Optional<String> failure;
        try (Alarm alarm = calls.alarms().alarm(Thread.currentThread()::interrupt)) {
            failure = send(alarm);
        } catch (InterruptedException e) {
            failure = Optional.of("the router was closed");
        } catch (RuntimeException | Error e) {
            LOG.error("request {} met a fault of the router", calls.events().requestId(), e);
            failure = Optional.of("a fault of the router");
        }
        tell(failure, Duration.ofNanos(System.nanoTime() - started));
    }

    /** Tells that it was not even begun. */
    void giveUp(String reason) {
        tell(Optional.of(reason), Duration.ZERO);
    }

    /** Tries until the decoder has been sent it. What is left of the lease after that is time to answer. */
    private Optional<String> send(Alarm alarm) throws InterruptedException {
        Duration lease = calls.settings().handoffLease();
        Patience all = Patience.forAll(lease);
        Patience connecting = Patience.forAll(lease.multipliedBy(5).dividedBy(6));
        Duration pause = FIRST_PAUSE;
        while (true) {
            SentBody body = new SentBody(toDecoder.body());
            try (EngineCall call = calls.send(Stage.DECODE, toDecoder.withBody(body), alarm, all)) {
                readToTheEnd(call);
                return call.succeeded() ? Optional.empty() : Optional.of("the decoder answered " + call.status());
            } catch (EngineFailed e) {
                boolean sent = body.isBegun() && !(e.getCause() instanceof ConnectException);
                if (sent || connecting.isOver()) {
                    return Optional.of(String.valueOf(e.getMessage()));
                }
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private static void readToTheEnd(EngineCall call) throws EngineFailed, InterruptedException {
        byte[] piece = new byte[call.pieceSize()];
        while (!call.isWhole() && call.read(piece) >= 0) {
            // Nobody wants it.
        }
    }

    private void tell(Optional<String> failure, Duration took) {
        String id = calls.events().requestId();
        if (failure.isPresent() && why == Stranded.REFUSED) {
            // What the decoder has against the prefiller's body too is the client's doing.
            LOG.info("request {}: the handoff that the decoder refused was not released: {}", id, failure.get());
        } else if (failure.isPresent()) {
            LOG.warn(
                    "request {}: the handoff of the prefiller {} was not released ({}), which keeps its blocks until"
                            + " their lease ends: {}",
                    id,
                    prefiller,
                    why,
                    failure.get());
        } else {
            LOG.debug("request {}: the handoff of the prefiller {} was released ({})", id, prefiller, why);
        }
        calls.events().tell(new PdEvent.Released(id, prefiller, why, failure, took));
    }
}
