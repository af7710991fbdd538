package dev.pdrouter.internal;

import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.HandoffReader;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.Plan;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.util.Optional;

/**
 * A prefiller's whole answer.
 *
 * @param status as answered
 * @param headers as answered
 * @param body as answered
 */
record PrefillAnswer(int status, HttpHeaders headers, byte[] body) {

    boolean succeeded() {
        return status >= 200 && status < 300;
    }

    /** A status that no engine answers a generation request with. */
    boolean isNonsense() {
        return status < 200 || status >= 300 && status < 400;
    }

    /** The engine, or what stands before it, cannot serve anybody now; any other 5xx is about this request. */
    boolean isOutOfService() {
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
            throw EngineFailed.broken(Stage.PREFILL, prefiller, "gave an answer that cannot be understood", e);
        }
    }
}
