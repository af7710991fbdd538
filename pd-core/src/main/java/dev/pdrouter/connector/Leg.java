package dev.pdrouter.connector;

import java.util.Map;
import java.util.Optional;

/**
 * What one stage's engine is sent: the client's request with the connector's changes.
 *
 * @param body the request body
 * @param headers set on this leg in addition to the client's, in place of those of the same name
 * @param abort what the engine is told when the leg is given up before its answer is whole; without one, the closed
 *     connection is all that tells it
 */
public record Leg(JsonBody body, Map<String, String> headers, Optional<Abort> abort) {

    /**
     * A request that ends another: sent to the same engine, beside the closing of the leg's connection. The router waits
     * for no answer, and gives up after a few seconds.
     *
     * @param path where it is posted, beginning with a slash
     * @param body its body
     */
    public record Abort(String path, JsonBody body) {}

    /** Copies the headers. */
    public Leg {
        headers = Map.copyOf(headers);
    }

    /**
     * A leg without headers of its own and without an abort.
     *
     * @param body the request body
     * @return the leg
     */
    public static Leg of(JsonBody body) {
        return new Leg(body, Map.of(), Optional.empty());
    }

    /**
     * This leg with another body.
     *
     * @param other the request body
     * @return the leg
     */
    public Leg withBody(JsonBody other) {
        return new Leg(other, headers, abort);
    }

    /**
     * This leg with other headers of its own.
     *
     * @param others names and values
     * @return the leg
     */
    public Leg withHeaders(Map<String, String> others) {
        return new Leg(body, others, abort);
    }

    /**
     * This leg with an abort.
     *
     * @param told what the engine is told when the leg is given up
     * @return the leg
     */
    public Leg withAbort(Abort told) {
        return new Leg(body, headers, Optional.of(told));
    }
}
