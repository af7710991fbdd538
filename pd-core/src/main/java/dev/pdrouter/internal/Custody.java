package dev.pdrouter.internal;

import dev.pdrouter.EngineRequest;
import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdEvent.Stranded;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A handoff from the prefiller's answer on until the decoder has it: when the decoder does not get it, or refuses it, the
 * prefiller's blocks are released.
 *
 * <p>A decoder that may have got it is never sent it again: it frees the blocks itself, and a second one would read what
 * has been put there since.
 */
record Custody(LegCalls calls, Plan.Sequential plan, Handoff handoff, Target prefiller) {

    private static final Logger LOG = LoggerFactory.getLogger(Custody.class);

    /** An answer that was on its way when the client left arrives within this. */
    private static final Duration CROSSING = Duration.ofMillis(100);

    /** A decoder's server tells its engine of a request within this. */
    static final Duration DECODE_UNDISTURBED = Duration.ofMillis(250);

    /** The types of its errors that have status 400 and 422. That of an error of validation is "Bad Request". */
    private static final Set<String> SERVING_LAYER = Set.of("BadRequestError", "UnprocessableEntityError");

    private static final int LONGEST_REFUSAL = 64 * 1024;

    /** The prefill leg of a plan: what it is answered may be a handoff, so it is not dropped unheard. */
    static EngineRequest heardOut(Plan.Sequential plan, EngineRequest toPrefiller) {
        return plan.handoff().isPresent()
                ? toPrefiller.withBody(new SentBody(toPrefiller.body())).heardOutFor(CROSSING)
                : toPrefiller;
    }

    /** To be called when the prefill leg of a plan begins; its end, of whatever kind, resumes. */
    static void pause(Plan.Sequential plan, LegCalls calls) {
        if (plan.handoff().isPresent()) {
            calls.departure().pause(calls.pace().undisturbed());
        }
    }

    /**
     * Tells of a prefill leg that was left unanswered: a prefiller that was sent all of it may have a handoff, which
     * nobody can release. One that closes its connection may too: its server drops an answer of which it has not written
     * anything when it sees the half-close.
     */
    static void unheard(EngineRequest toPrefiller, Events events) {
        if (toPrefiller.body() instanceof SentBody sent && sent.isWhole()) {
            LOG.debug(
                    "request {}: the client left, and the prefiller {} gave no answer before it was left too",
                    events.requestId(),
                    toPrefiller.engine());
            events.tell(new PdEvent.Unheard(events.requestId(), toPrefiller.engine()));
        }
    }

    Leg decodeLeg() {
        return plan.decode().withBody(handoff.addTo().apply(plan.decode().body()));
    }

    /** Sends the decode leg and waits for the head of the answer; the alarm is the calling thread's. */
    EngineCall send(EngineRequest toDecoder, Alarm alarm, Patience patience) throws EngineFailed, InterruptedException {
        SentBody body = new SentBody(toDecoder.body());
        calls.departure().pause(DECODE_UNDISTURBED);
        try {
            EngineCall call = calls.send(Stage.DECODE, toDecoder.withBody(body), alarm, patience);
            if (isRefusedUnread(call)) {
                release(Stranded.REFUSED);
            }
            return call;
        } catch (InterruptedException e) {
            if (!body.isWhole()) {
                release(Stranded.CLIENT_LEFT);
            }
            throw e;
        } catch (EngineFailed e) {
            if (!body.isWhole() || e.getCause() instanceof ConnectException) {
                release(Stranded.UNREACHED);
            }
            throw e;
        } finally {
            calls.departure().resume();
        }
    }

    /** The client left before the decoder was asked. */
    void clientLeft() {
        release(Stranded.CLIENT_LEFT);
    }

    /**
     * Whether the validation of a body refused it, before the engine heard of the handoff in it. When vLLM's serving layer
     * refuses, of which the type of its error tells, it has the engine free the blocks; older releases do not, so that only
     * counts where a second request would do harm.
     */
    private boolean isRefusedUnread(EngineCall call) throws EngineFailed, InterruptedException {
        if (call.status() != 400 && call.status() != 422) {
            return false;
        }
        if (!handoff.once()) {
            return true;
        }
        try {
            Optional<byte[]> refusal = WholeAnswer.readShort(call, LONGEST_REFUSAL);
            refusal.ifPresent(call::unread);
            return refusal.filter(Custody::isOfServingLayer).isEmpty();
        } catch (EngineFailed | InterruptedException e) {
            call.close();
            throw e;
        }
    }

    private static boolean isOfServingLayer(byte[] refusal) {
        try {
            return JsonBody.parse(refusal)
                    .object("error")
                    .flatMap(error -> error.get("type"))
                    .filter(type -> SERVING_LAYER.contains(type.asText()))
                    .isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    private void release(Stranded why) {
        Leg leg = plan.decode().withBody(onlyToRelease());
        calls.releases().start(new Release(calls, calls.toDecoder(leg), prefiller, why));
    }

    /** The prefill leg's body, since the decoder files what it reads under the prompt that it is sent. */
    private JsonBody onlyToRelease() {
        JsonBody body = handoff.addTo().apply(plan.prefill().body());
        // A budget that is not below the limit of tokens is refused, but for a prefill.
        boolean budget = body.object("thinking")
                .flatMap(thinking -> thinking.get("type"))
                .filter(type -> type.asText().equals("enabled"))
                .isPresent();
        return budget ? body.without("thinking") : body;
    }
}
