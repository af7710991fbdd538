package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A valid request for generated tokens.
 *
 * @param head the first lines of the request
 * @param path the endpoint
 * @param body the whole object
 * @param id what the engine calls the request, without the endpoint's prefix
 */
record VllmRequest(RequestHead head, GenerationPath path, ObjectNode body, String id) {

    /** The request as the KV connector sees it. */
    KvAsk ask() {
        return new KvAsk(head, id, path.idPrefix + id, body, kvTransferParams());
    }

    /** Where the sampling parameters are. */
    JsonNode sampling() {
        return path.nestsSampling() ? body.path("sampling_params") : body;
    }

    String model() {
        return body.path("model").asText("");
    }

    boolean isStreamed() {
        return body.path("stream").asBoolean();
    }

    boolean wantsUsage() {
        return body.path("stream_options").path("include_usage").asBoolean();
    }

    int samples() {
        return Math.max(1, sampling().path("n").asInt(1));
    }

    int minTokens() {
        return path == GenerationPath.MESSAGES || path == GenerationPath.RESPONSES
                ? 0
                : sampling().path("min_tokens").asInt(0);
    }

    boolean ignoresEnd() {
        return sampling().path("ignore_eos").asBoolean();
    }

    /** The most tokens it may have; the first limit that is present counts. */
    OptionalInt maxTokens() {
        return path.limits.stream()
                .map(sampling()::path)
                .filter(JsonNode::isNumber)
                .mapToInt(JsonNode::asInt)
                .findFirst();
    }

    /** What a decoder may compute of the prompt before it declines; 0 when it never does. */
    double cacheHitThreshold() {
        return body.path("cache_hit_threshold").asDouble();
    }

    /** The orders for the KV cache, wherever this endpoint reads them. */
    Optional<ObjectNode> kvTransferParams() {
        JsonNode extra = body.path("sampling_params").path("extra_args").path("kv_transfer_params");
        JsonNode params = extra.isObject() ? extra : body.path("kv_transfer_params");
        return params instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
    }
}
