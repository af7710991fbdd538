package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an engine generates for one request, before it has any endpoint's shape.
 *
 * @param request what was asked
 * @param choices the texts
 * @param promptTokens over all prompts
 * @param cachedTokens how many of those were not computed; empty when the engine does not tell
 * @param handoff members to put into the answer: {@code kv_transfer_params}, or the four of the first NIXL protocol
 */
record Generation(
        VllmRequest request,
        List<Choice> choices,
        int promptTokens,
        OptionalInt cachedTokens,
        Optional<ObjectNode> handoff) {

    static final long CREATED = 1_760_000_000L;

    /** The first text, for endpoints that have only one. */
    Choice only() {
        return choices.getFirst();
    }

    int completionTokens() {
        return choices.stream().mapToInt(choice -> choice.tokens().size()).sum();
    }

    int longest() {
        return choices.stream().mapToInt(choice -> choice.tokens().size()).max().orElse(0);
    }

    /** Usage as OpenAI's first two endpoints have it. */
    ObjectNode usage() {
        ObjectNode usage = Json.object()
                .put("prompt_tokens", promptTokens)
                .put("total_tokens", promptTokens + completionTokens())
                .put("completion_tokens", completionTokens());
        usage.putNull("prompt_tokens_details");
        cachedTokens.ifPresent(
                cached -> usage.set("prompt_tokens_details", Json.object().put("cached_tokens", cached)));
        return usage;
    }
}
