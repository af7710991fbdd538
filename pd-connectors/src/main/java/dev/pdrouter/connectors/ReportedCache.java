package dev.pdrouter.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pdrouter.GenerationApi;
import dev.pdrouter.connector.JsonBody;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How much of a prompt a prefiller had cached, for decoders that would report all they are handed over (llm-d #916).
 *
 * <p>vLLM 0.32 puts it into the handoff as {@code remote_prefill_cached_tokens}, and its decoder reports that by itself.
 */
final class ReportedCache {

    /** Where usage has another shape it is left alone. */
    private static final Set<GenerationApi> OTHERS = EnumSet.of(GenerationApi.RESPONSES, GenerationApi.MESSAGES);

    private ReportedCache() {}

    /** What the decoder is to report of a prefiller's answer; empty when it knows. None said is none cached. */
    static OptionalLong of(GenerationApi api, JsonBody answer, Optional<JsonBody> handoff) {
        if (OTHERS.contains(api)
                || handoff.filter(params -> params.has("remote_prefill_cached_tokens"))
                        .isPresent()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(answer.object("usage")
                .flatMap(usage -> usage.object("prompt_tokens_details"))
                .flatMap(details -> details.get("cached_tokens"))
                .filter(JsonNode::canConvertToExactIntegral)
                .map(JsonNode::asLong)
                .filter(count -> count >= 0)
                .orElse(0L));
    }
}
