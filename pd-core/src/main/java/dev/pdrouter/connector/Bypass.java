package dev.pdrouter.connector;

import static dev.pdrouter.GenerationApi.CHAT;
import static dev.pdrouter.GenerationApi.COMPLETIONS;
import static dev.pdrouter.GenerationApi.MESSAGES;
import static dev.pdrouter.GenerationApi.RESPONSES;

import dev.pdrouter.GenerationApi;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/**
 * Why a request goes to the decoder alone although it names a prefiller: one row for each reason.
 *
 * <p>A connector that one of the reasons does not concern leaves it out of its {@link KvConnector#bypass}. Values are
 * read as engines read them, so {@code "n":"4"} is four.
 */
public enum Bypass {
    /** Each sample reads the handoff, whose blocks are free again when the first has. */
    SEVERAL_SAMPLES(
            "n is above 1", EnumSet.allOf(GenerationApi.class), (api, params) -> Lenient.number(params, "n") > 1, "n"),
    /** vLLM drops the handoff, on both engines. */
    BEAM_SEARCH(
            "beam search",
            EnumSet.allOf(GenerationApi.class),
            (api, params) -> Lenient.isTrue(params, "use_beam_search"),
            "use_beam_search"),
    /** One handoff is answered, and would be applied to every prompt. */
    SEVERAL_PROMPTS("a list of prompts", Set.of(COMPLETIONS), Bypass::hasListOfPrompts, "prompt"),
    /** The decoder computes the whole prompt itself (vllm #50792). */
    PROMPT_LOGPROBS(
            "prompt_logprobs",
            EnumSet.allOf(GenerationApi.class),
            (api, params) -> params.has("prompt_logprobs") || params.has("prompt_logprob_token_ids"),
            "prompt_logprobs",
            "prompt_logprob_token_ids"),
    /** As with {@link #PROMPT_LOGPROBS}. */
    ECHO_WITH_LOGPROBS(
            "echo with logprobs",
            Set.of(COMPLETIONS),
            (api, params) -> Lenient.isTrue(params, "echo") && params.has("logprobs"),
            "echo",
            "logprobs"),
    /** vLLM takes it for {@code prompt_logprobs:0}. */
    ECHO_IN_CHAT("echo in chat", Set.of(CHAT), (api, params) -> Lenient.isTrue(params, "echo"), "echo"),
    /** The prefiller has no such state. */
    BACKGROUND("background", Set.of(RESPONSES), (api, params) -> Lenient.isTrue(params, "background"), "background"),
    /** The prefiller has no such state. */
    EARLIER_RESPONSE(
            "an earlier response",
            Set.of(RESPONSES),
            (api, params) -> params.has("previous_response_id") || params.has("conversation"),
            "previous_response_id",
            "conversation"),
    /** After such a tool the decoder asks its engine again, with a handoff that is used up. */
    BUILT_IN_TOOL("a built-in tool", Set.of(RESPONSES), Bypass::hasBuiltInTool, "tools"),
    /** The prompt is cut to what the limit leaves, which is more on the prefiller. */
    TRUNCATION(
            "truncation to what fits",
            EnumSet.allOf(GenerationApi.class),
            (api, params) -> Lenient.number(params, "truncate_prompt_tokens") == -1,
            "truncate_prompt_tokens"),
    /** As with {@link #TRUNCATION}. */
    TRUNCATION_OF_RESPONSES(
            "truncation",
            Set.of(RESPONSES),
            (api, params) -> params.has("truncation") && !Lenient.isText(params, "truncation", "disabled"),
            "truncation"),
    /** There is nothing to match; the decoder computes it. */
    PROMPT_EMBEDS(
            "prompt_embeds",
            EnumSet.allOf(GenerationApi.class),
            (api, params) -> params.has("prompt_embeds"),
            "prompt_embeds"),
    /** Before vLLM 0.32 the prefiller rejects its own single token, which is no call (vllm #38911). */
    REQUIRED_TOOL("a required tool call", Set.of(CHAT, RESPONSES, MESSAGES), Bypass::requiresTool, "tool_choice"),
    /** The prefiller would do the work of the whole request. */
    ONE_TOKEN("no more than one token", EnumSet.allOf(GenerationApi.class), Bypass::limitsToOneToken);

    private static final Set<String> CLIENT_TOOLS = Set.of("function", "custom");
    private static final Set<Bypass> EVERY = EnumSet.allOf(Bypass.class);

    private final String reason;
    private final Set<GenerationApi> apis;
    private final BiPredicate<GenerationApi, JsonBody> test;
    private final List<String> members;

    Bypass(String reason, Set<GenerationApi> apis, BiPredicate<GenerationApi, JsonBody> test, String... members) {
        this.reason = reason;
        this.apis = apis;
        this.test = test;
        this.members = List.of(members);
    }

    /**
     * Looks for any of the reasons.
     *
     * @param api the endpoint
     * @param body the client's object
     * @return the first that applies, in a few words; empty when the request can be disaggregated
     */
    public static Optional<String> reason(GenerationApi api, JsonBody body) {
        return reason(api, body, EVERY);
    }

    /**
     * Looks for some of the reasons. Prompts and messages are not parsed for it.
     *
     * @param api the endpoint
     * @param body the client's object
     * @param among the reasons that concern the connector
     * @return the first that applies, in a few words; empty when the request can be disaggregated
     */
    public static Optional<String> reason(GenerationApi api, JsonBody body, Set<Bypass> among) {
        JsonBody params = Nested.sampling(api, body);
        for (Bypass row : among) {
            if (row.apis.contains(api) && row.test.test(api, params)) {
                return Optional.of(row.reason);
            }
        }
        return Optional.empty();
    }

    /** The members that the rows read, beside the limits. */
    static Set<String> members(GenerationApi api) {
        return EVERY.stream()
                .filter(row -> row.apis.contains(api))
                .flatMap(row -> row.members.stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean hasListOfPrompts(GenerationApi api, JsonBody params) {
        byte first = params.firstByteInArray("prompt");
        return first == '"' || first == '[';
    }

    private static boolean hasBuiltInTool(GenerationApi api, JsonBody params) {
        // What cannot be read here may be one, so it counts.
        return params.get("tools")
                .filter(tools -> tools.isMissingNode()
                        || tools.valueStream()
                                .anyMatch(tool ->
                                        !CLIENT_TOOLS.contains(tool.path("type").asText())))
                .isPresent();
    }

    private static boolean requiresTool(GenerationApi api, JsonBody params) {
        return Lenient.isText(params, "tool_choice", "required")
                || api == MESSAGES && Lenient.isText(Nested.object(params, "tool_choice"), "type", "any");
    }

    private static boolean limitsToOneToken(GenerationApi api, JsonBody params) {
        boolean limited = false;
        for (String name : api.limits()) {
            if (params.has(name)) {
                double limit = Lenient.number(params, name);
                if (limit != 0 && limit != 1) {
                    return false;
                }
                limited = true;
            }
        }
        return limited;
    }
}
