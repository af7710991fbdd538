package dev.pdrouter;

import static dev.pdrouter.GenerationApi.Shape.MIN_TOKENS;
import static dev.pdrouter.GenerationApi.Shape.NESTED;
import static dev.pdrouter.GenerationApi.Shape.NESTED_PLAIN;
import static dev.pdrouter.GenerationApi.Shape.PLAIN;
import static dev.pdrouter.GenerationApi.Shape.STORED;

import java.util.List;
import java.util.Optional;

/**
 * The endpoints that take orders about KV caches, as data: one row for each.
 *
 * <p>They take {@code POST} alone. Every other path is forwarded to the decoder unread, and so is one that the connector
 * does not take ({@code KvConnector.takes}).
 */
public enum GenerationApi {
    /** OpenAI's chat completions. */
    CHAT("/v1/chat/completions", MIN_TOKENS, "max_tokens", "max_completion_tokens"),
    /** OpenAI's completions; vLLM ignores the second limit. */
    COMPLETIONS("/v1/completions", MIN_TOKENS, "max_tokens", "max_completion_tokens"),
    /** OpenAI's responses, which the engine stores unless told otherwise. */
    RESPONSES("/v1/responses", STORED, "max_output_tokens"),
    /** Anthropic's messages. */
    MESSAGES("/v1/messages", PLAIN, "max_tokens"),
    /** vLLM's token-in, token-out endpoint; its limits are in {@code sampling_params}. */
    GENERATE("/inference/v1/generate", NESTED, "max_tokens"),
    /** SGLang's own endpoint, whose limit is in {@code sampling_params}: for its connector alone. */
    SGLANG_GENERATE("/generate", NESTED_PLAIN, "max_new_tokens"),
    /** SageMaker's invocations, which is any of the others: decoder alone. */
    INVOCATIONS("/invocations", PLAIN),
    /** vLLM's batch of conversations: decoder alone. */
    BATCH("/v1/chat/completions/batch", PLAIN),
    /** Cohere's chat: decoder alone. */
    COHERE_CHAT("/cohere/v2/chat", PLAIN);

    private static final GenerationApi[] ALL = values();

    private final String path;
    private final Shape shape;
    private final List<String> limits;

    GenerationApi(String path, Shape shape, String... limits) {
        this.path = path;
        this.shape = shape;
        this.limits = List.of(limits);
    }

    /** What an endpoint's parameters are like, beside its limits. */
    enum Shape {
        /** Nothing special. */
        PLAIN,
        /** {@code min_tokens} is read. */
        MIN_TOKENS,
        /** {@code min_tokens} is read, and all of it is in {@code sampling_params}. */
        NESTED,
        /** All of it is in {@code sampling_params}. */
        NESTED_PLAIN,
        /** The answer is kept unless {@code store} says no. */
        STORED
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
     * @return {@code sampling_params} for {@link #GENERATE} and {@link #SGLANG_GENERATE}
     */
    public Optional<String> samplingMember() {
        return shape == NESTED || shape == NESTED_PLAIN ? Optional.of("sampling_params") : Optional.empty();
    }

    /**
     * Whether {@code min_tokens} is read; elsewhere it is ignored.
     *
     * @return whether it is, beside the limits
     */
    public boolean takesMinTokens() {
        return shape == MIN_TOKENS || shape == NESTED;
    }

    /**
     * Whether the engine keeps answers for later requests unless {@code store} is false.
     *
     * @return true for {@link #RESPONSES}
     */
    public boolean storesAnswers() {
        return shape == STORED;
    }
}
