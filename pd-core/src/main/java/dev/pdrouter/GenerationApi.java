package dev.pdrouter;

import java.util.List;
import java.util.Optional;

/**
 * The endpoints that read {@code kv_transfer_params}, as data: one row for each.
 *
 * <p>They take {@code POST} alone. Every other path is forwarded to the decoder unread.
 */
public enum GenerationApi {
    /** OpenAI's chat completions. */
    CHAT("/v1/chat/completions", List.of("max_tokens", "max_completion_tokens")),
    /** OpenAI's completions; vLLM ignores the second limit. */
    COMPLETIONS("/v1/completions", List.of("max_tokens", "max_completion_tokens")),
    /** OpenAI's responses. */
    RESPONSES("/v1/responses", List.of("max_output_tokens")),
    /** Anthropic's messages. */
    MESSAGES("/v1/messages", List.of("max_tokens")),
    /** vLLM's token-in, token-out endpoint; its limits are in {@code sampling_params}. */
    GENERATE("/inference/v1/generate", List.of("max_tokens")),
    /** SageMaker's invocations, which is any of the others: decoder alone. */
    INVOCATIONS("/invocations", List.of()),
    /** vLLM's batch of conversations: decoder alone. */
    BATCH("/v1/chat/completions/batch", List.of()),
    /** Cohere's chat: decoder alone. */
    COHERE_CHAT("/cohere/v2/chat", List.of());

    private static final GenerationApi[] ALL = values();

    private final String path;
    private final List<String> limits;

    GenerationApi(String path, List<String> limits) {
        this.path = path;
        this.limits = limits;
    }

    /**
     * Finds the endpoint of a path.
     *
     * @param path percent-decoded, without a query
     * @return the endpoint; empty for any other path
     */
    public static Optional<GenerationApi> ofPath(String path) {
        for (GenerationApi api : ALL) {
            if (api.path.equals(path)) {
                return Optional.of(api);
            }
        }
        return Optional.empty();
    }

    /**
     * The path.
     *
     * @return percent-decoded, beginning with a slash
     */
    public String path() {
        return path;
    }

    /**
     * The members that limit how many tokens are generated.
     *
     * @return their names, the one to add when a request has none first
     */
    public List<String> limits() {
        return limits;
    }

    /**
     * Whether a request to this endpoint may be split into prefill and decode.
     *
     * @return false when it always goes to the decoder alone
     */
    public boolean disaggregates() {
        return !limits.isEmpty();
    }

    /**
     * The member that holds the sampling parameters, limits included, when they are not at top level.
     *
     * @return {@code sampling_params} for {@link #GENERATE}
     */
    public Optional<String> samplingMember() {
        return this == GENERATE ? Optional.of("sampling_params") : Optional.empty();
    }
}
