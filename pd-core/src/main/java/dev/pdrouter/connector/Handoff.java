package dev.pdrouter.connector;

import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * What a prefiller answered for the decoder: where the KV cache of this one prompt is.
 *
 * <p>It is good for one decode. It is never cached, and never logged.
 *
 * @param addTo puts it into a request for the decoder: the client's, or the prefill leg's when it is only to be released
 * @param cachedTokens how much of the prompt the prefiller had cached, for a decoder that cannot say so: it counts what it
 *     is handed over as cached (llm-d #916). Replaces {@code usage.prompt_tokens_details.cached_tokens} of its answer,
 *     where that is present. Empty to leave the answer as it is, which costs nothing
 * @param once whether a decoder that is sent it when its blocks are gone waits for them, for minutes, in place of reading
 *     nothing: then it is not released after a refusal with which vLLM's serving layer has freed them
 */
public record Handoff(UnaryOperator<JsonBody> addTo, OptionalLong cachedTokens, boolean once) {

    /**
     * A handoff to a decoder whose answer is right as it is.
     *
     * @param addTo puts it into a request for the decoder
     */
    public Handoff(UnaryOperator<JsonBody> addTo) {
        this(addTo, OptionalLong.empty());
    }

    /**
     * A handoff that may be sent again after any refusal.
     *
     * @param addTo puts it into a request for the decoder
     * @param cachedTokens how much of the prompt the prefiller had cached
     */
    public Handoff(UnaryOperator<JsonBody> addTo, OptionalLong cachedTokens) {
        this(addTo, cachedTokens, false);
    }

    /**
     * The same handoff into a request that is edited first.
     *
     * @param edit of the request
     * @return a handoff that adds itself to what the edit gives
     */
    public Handoff after(UnaryOperator<JsonBody> edit) {
        return new Handoff(body -> addTo.apply(edit.apply(body)), cachedTokens, once);
    }

    @Override
    public String toString() {
        return "Handoff";
    }
}
