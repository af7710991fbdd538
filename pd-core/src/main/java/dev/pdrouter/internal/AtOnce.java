package dev.pdrouter.internal;

import dev.pdrouter.EngineRequest;
import dev.pdrouter.PdException;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Plan;
import java.io.IOException;
import java.time.Duration;

/**
 * The order in which prefiller and decoder work at once.
 *
 * <p>The answer flows when the prefiller has succeeded and the decoder has begun. Until then the decoder's is held back
 * unread, so that it waits too. Whoever fails first ends the other, and is what the client is told of.
 *
 * <p>The decoder is asked as soon as the prefiller was reached, and not for one that is not there: what a decoder holds for
 * a transfer that never comes it may hold for minutes, although nobody waits for it any more. For the same reason a
 * prefiller that cannot be told of an abort, and so cannot tell the decoder, is let alone for a moment when the client leaves,
 * and the decoder with it.
 */
final class AtOnce {

    /** At least; longer than where a prefill comes first, since more is lost: minutes, and with the prefiller's sender. */
    private static final Duration UNDISTURBED = Duration.ofMillis(500);

    private final LegCalls calls;
    private final Client client;
    private final Lookups lookups;
    private final Alarm alarm;

    /** The alarm is the calling thread's. */
    AtOnce(LegCalls calls, Client client, Lookups lookups, Alarm alarm) {
        this.calls = calls;
        this.client = client;
        this.lookups = lookups;
        this.alarm = alarm;
    }

    void run(Plan.Concurrent plan, Candidate candidate)
            throws PdException, OutOfService, IOException, InterruptedException {
        ReachingBody body = new ReachingBody(plan.prefill().body());
        EngineRequest toPrefiller = calls.toPrefiller(plan.prefill(), candidate.target(), body);
        if (plan.prefill().abort().isEmpty()) {
            Duration usual = calls.pace().undisturbed();
            calls.departure().pause(usual.compareTo(UNDISTURBED) > 0 ? usual : UNDISTURBED);
        }
        try (StageWatch prefillWatch = calls.watch(Stage.PREFILL, plan.prefill(), toPrefiller);
                Legs legs = new Legs(calls.alarms())) {
            Legs.Fork<PrefillAnswer> prefill = legs.fork(own -> prefill(toPrefiller, own, candidate.patience(), body));
            if (!body.await()) {
                prefill.result();
            }
            if (calls.departure().hasLeft()) {
                throw new InterruptedException("the client left before the decoder was asked");
            }
            both(plan, candidate, legs, prefill, prefillWatch);
        }
    }

    private void both(
            Plan.Concurrent plan,
            Candidate candidate,
            Legs legs,
            Legs.Fork<PrefillAnswer> prefill,
            StageWatch prefillWatch)
            throws PdException, OutOfService, IOException, InterruptedException {
        Target prefiller = candidate.target();
        EngineRequest toDecoder = calls.toDecoder(plan.decode());
        Patience decodePatience = calls.decodePatience();
        try (StageWatch decodeWatch = calls.watch(Stage.DECODE, plan.decode(), toDecoder)) {
            Legs.Fork<EngineCall> decode = legs.fork(own -> calls.send(Stage.DECODE, toDecoder, own, decodePatience));
            boolean decoderFirst = legs.next() == decode;
            if (decoderFirst && !decode.result().succeeded()) {
                prefill.close();
                prefillWatch.end();
                relay(decode.result(), decodeWatch, prefiller);
                return;
            }
            if (decoderFirst) {
                legs.next();
            }
            PrefillAnswer answer = prefill.result();
            prefillWatch.answered(answer.status());
            answer.check(prefiller);
            if (!answer.succeeded()) {
                candidate.served();
                decode.close();
                decodeWatch.end();
                lookups.forget(prefiller.host());
                client.send(prefiller, answer);
                return;
            }
            answer.check(plan.accepts(), prefiller);
            candidate.served();
            if (!decoderFirst) {
                legs.next();
            }
            relay(decode.result(), decodeWatch, prefiller);
        }
    }

    private PrefillAnswer prefill(EngineRequest toPrefiller, Alarm own, Patience patience, ReachingBody body)
            throws PdException, InterruptedException {
        long started = System.nanoTime();
        try (EngineCall call = calls.send(Stage.PREFILL, toPrefiller, own, patience)) {
            PrefillAnswer answer = PrefillAnswer.read(call, calls);
            if (answer.succeeded()) {
                calls.pace().took(Duration.ofNanos(System.nanoTime() - started));
            }
            return answer;
        } finally {
            calls.departure().endPauseIn(Custody.DECODE_UNDISTURBED); // what it has for the decoder is on its way
            body.over();
        }
    }

    private void relay(EngineCall decode, StageWatch watch, Target prefiller)
            throws PdException, IOException, InterruptedException {
        if (!decode.succeeded()) {
            lookups.forget(prefiller.host());
        }
        client.relay(decode.passedTo(alarm), watch);
    }
}
