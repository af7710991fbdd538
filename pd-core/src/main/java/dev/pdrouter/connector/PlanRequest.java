package dev.pdrouter.connector;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;
import java.util.Optional;

/**
 * What a connector plans for: one request of a client and one prefiller.
 *
 * @param requestId the {@code x-request-id} of both legs
 * @param api the endpoint, one that {@link GenerationApi#disaggregates}
 * @param body the client's object, without the members that a client may not set: what the decoder gets but for the
 *     connector's additions
 * @param prefiller the candidate that is tried
 * @param kvSource a third engine that holds KV blocks of the prompt, if the request names one
 * @param lookup to ask the prefiller's host
 */
public record PlanRequest(
        String requestId,
        GenerationApi api,
        JsonBody body,
        Target prefiller,
        Optional<Target> kvSource,
        Lookup lookup) {

    private static final String MIN_TOKENS = "min_tokens";

    /**
     * A request that names no KV source, for a connector that looks nothing up.
     *
     * @param requestId the {@code x-request-id} of both legs
     * @param api the endpoint
     * @param body the client's object
     * @param prefiller the candidate that is tried
     */
    public PlanRequest(String requestId, GenerationApi api, JsonBody body, Target prefiller) {
        this(requestId, api, body, prefiller, Optional.empty(), Lookup.NONE);
    }

    /**
     * The client's request as a prefiller gets it: ending after one token, not streamed, the prompt untouched. To be
     * completed by the connector's {@link TransferParams}.
     *
     * @return a body that shares the prompt's bytes
     */
    public JsonBody oneToken() {
        return OneToken.of(api, body);
    }

    /**
     * The client's request with every limit of the endpoint set to 1, whether it was present or not, a
     * {@code min_tokens} above that lowered, which would be an error (llm-d #2041), and nothing else changed: for engines
     * that share a store, to which the prefiller's answer does not matter.
     *
     * @return a body that shares the prompt's bytes
     */
    public JsonBody limitsAtOne() {
        return Nested.editSampling(api, body, sampling -> {
            JsonBody limited = sampling;
            for (String name : api.limits()) {
                limited = limited.with(name, "1");
            }
            boolean tooMany = api.takesMinTokens() && Lenient.number(sampling, MIN_TOKENS) > 1;
            return tooMany ? limited.with(MIN_TOKENS, "1") : limited;
        });
    }
}
