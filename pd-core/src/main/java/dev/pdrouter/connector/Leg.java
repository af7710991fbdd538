package dev.pdrouter.connector;

import java.util.Map;

/**
 * What one stage's engine is sent: the client's request with the connector's changes.
 *
 * @param body the request body
 * @param headers set on this leg in addition to the client's, in place of those of the same name
 */
public record Leg(JsonBody body, Map<String, String> headers) {

    /** Copies the headers. */
    public Leg {
        headers = Map.copyOf(headers);
    }

    /**
     * A leg without headers of its own.
     *
     * @param body the request body
     * @return the leg
     */
    public static Leg of(JsonBody body) {
        return new Leg(body, Map.of());
    }

    /**
     * This leg with another body.
     *
     * @param other the request body
     * @return the leg
     */
    public Leg withBody(JsonBody other) {
        return new Leg(other, headers);
    }
}
