package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.HandoffReader;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.Plan;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A prefiller's whole answer.
 *
 * @param status as answered
 * @param headers as answered
 * @param body as answered
 */
record PrefillAnswer(int status, HttpHeaders headers, byte[] body) {

    /** Reads the whole answer; the call's engine is the prefiller. */
    static PrefillAnswer read(EngineCall call, LegCalls calls)
            throws EngineFailed, PdException.Unavailable, InterruptedException {
        byte[] body = WholeAnswer.read(call, calls.settings().maxPrefillResponseBytes(), calls.memory());
        return new PrefillAnswer(call.status(), call.headers(), body);
    }

    /** Whether it is an answer to this request, be it an error. */
    void check(Target prefiller) throws EngineFailed, OutOfService {
        if (isNonsense()) {
            throw EngineFailed.broken(Stage.PREFILL, prefiller, "answered " + status, null);
        }
        if (isOutOfService()) {
            throw new OutOfService(prefiller, this);
        }
    }

    boolean succeeded() {
        return status >= 200 && status < 300;
    }

    /** A status that no engine answers a generation request with. */
    private boolean isNonsense() {
        return status < 200 || status >= 300 && status < 400;
    }

    /** The engine, or what stands before it, cannot serve anybody now; any other 5xx is about this request. */
    private boolean isOutOfService() {
        return status >= 502 && status <= 504;
    }

    /** Reads the handoff, if the plan wants one. */
    Optional<Handoff> handoff(Plan.Sequential plan, Target prefiller) throws EngineFailed {
        Optional<HandoffReader> reader = plan.handoff();
        if (reader.isEmpty()) {
            return Optional.empty();
        }
        try {
            return reader.get().read(JsonBody.parse(body));
        } catch (IOException e) {
            throw notUnderstood(prefiller, e);
        }
    }

    /** Whether the decoder can go on from it. */
    void check(Predicate<JsonBody> accepts, Target prefiller) throws EngineFailed {
        if (!objects(prefiller).stream().allMatch(accepts)) {
            throw EngineFailed.unusable(Stage.PREFILL, prefiller, "ended in a way from which the decoder cannot go on");
        }
    }

    private List<JsonBody> objects(Target prefiller) throws EngineFailed {
        if (Headers.isEventStream(headers)) {
            return EventObjects.in(body);
        }
        try {
            return ListedObjects.isList(body) ? ListedObjects.in(body) : List.of(JsonBody.parse(body));
        } catch (IOException e) {
            throw notUnderstood(prefiller, e);
        }
    }

    private static EngineFailed notUnderstood(Target prefiller, IOException e) {
        return EngineFailed.broken(
                Stage.PREFILL, prefiller, "gave an answer that cannot be understood: " + e.getMessage(), e);
    }
}
