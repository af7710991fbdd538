package dev.pdrouter.connector;

import java.util.function.UnaryOperator;

/**
 * What a prefiller answered for the decoder: where the KV cache of this one prompt is.
 *
 * <p>It is good for one decode. It is never cached, and never logged.
 *
 * @param addTo puts it into a request for the decoder: the client's, or the prefill leg's when it is only to be released
 */
public record Handoff(UnaryOperator<JsonBody> addTo) {

    @Override
    public String toString() {
        return "Handoff";
    }
}
