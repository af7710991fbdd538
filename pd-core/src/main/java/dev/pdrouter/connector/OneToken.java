package dev.pdrouter.connector;

import dev.pdrouter.GenerationApi;
import java.util.List;
import java.util.stream.Stream;

/**
 * The request that a prefiller gets: the client's, ending after one token.
 *
 * <p>Nothing is touched that shapes the prompt, since a difference between the legs makes the decoder read another
 * prompt's KV cache, silently.
 */
final class OneToken {

    /** Members that could end an answer before its first token, so that it hands nothing over, or need more than one. */
    private static final List<String> DROPPED = List.of("best_of", "stop", "stop_token_ids", "stop_sequences");

    private static final List<String> MIN_TOKENS = List.of("min_tokens");

    private OneToken() {}

    /** What is set or removed at top level. */
    static List<String> outerMembers(GenerationApi api) {
        return api.storesAnswers()
                ? List.of("stream", "stream_options", "store", "background")
                : List.of("stream", "stream_options");
    }

    /** What is set or removed among the sampling parameters. */
    static List<String> samplingMembers(GenerationApi api) {
        return Stream.of(api.limits(), DROPPED, List.of("n"), api.takesMinTokens() ? MIN_TOKENS : List.<String>of())
                .flatMap(List::stream)
                .toList();
    }

    static JsonBody of(GenerationApi api, JsonBody body) {
        // Streamed answers carry no handoff (vllm #36308), and stream_options are an error without a stream.
        JsonBody leg = without(body.with("stream", "false"), "stream_options");
        if (api.storesAnswers()) {
            leg = without(leg.with("store", "false"), "background");
        }
        return Nested.editSampling(api, leg, sampling -> limit(api, sampling));
    }

    private static JsonBody limit(GenerationApi api, JsonBody sampling) {
        JsonBody limited = limits(api, sampling);
        if (api.takesMinTokens()) {
            // Above the limit it is an error (llm-d #2041); at 1 it keeps the first token from being the last.
            limited = limited.with("min_tokens", "1");
        }
        if (limited.has("n")) {
            limited = limited.with("n", "1");
        }
        for (String name : DROPPED) {
            limited = without(limited, name);
        }
        return limited;
    }

    /** Every limit that is present counts: in chat one of them overrides the other (llm-d #400). */
    private static JsonBody limits(GenerationApi api, JsonBody sampling) {
        JsonBody limited = sampling;
        for (String name : api.limits()) {
            if (sampling.has(name)) {
                limited = limited.with(name, "1");
            }
        }
        return limited == sampling ? sampling.with(api.limits().getFirst(), "1") : limited;
    }

    /** A member that is null counts as absent, and stays. */
    private static JsonBody without(JsonBody body, String name) {
        return body.has(name) ? body.without(name) : body;
    }
}
