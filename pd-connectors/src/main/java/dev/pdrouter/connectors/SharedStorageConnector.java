package dev.pdrouter.connectors;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Bypass;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Engines that share a store of KV blocks: the prefiller fills it, and the decoder finds the prompt there by its hash.
 *
 * <p>A client that sends {@code cache_hit_threshold} asks to have the decoder first, which answers itself when enough of
 * the prompt is cached. Otherwise it declines with the finish reason {@code cache_threshold}, and the request goes on as
 * any other: the prefiller with its limits at 1, whose answer does not matter when it succeeds, then the decoder. Both
 * are told by a threshold of 0 not to decline.
 *
 * <p>Nothing is handed over, so several samples do not stand in the way.
 *
 * <p>Source: llm-d-router {@code connector_shared_storage.go}. Upstream vLLM does not know the member and ignores it.
 */
public final class SharedStorageConnector implements KvConnector {

    private static final String THRESHOLD = "cache_hit_threshold";
    private static final Set<Bypass> BYPASSES = EnumSet.complementOf(EnumSet.of(Bypass.SEVERAL_SAMPLES));

    /** A connector without a state, as the service loader wants it. */
    public SharedStorageConnector() {}

    @Override
    public String name() {
        return "shared-storage";
    }

    @Override
    public Optional<String> bypass(GenerationApi api, JsonBody body) {
        return Bypass.reason(api, body, BYPASSES);
    }

    @Override
    public Set<String> edited(GenerationApi api) {
        return Set.of(THRESHOLD);
    }

    @Override
    public Plan plan(PlanRequest request) {
        JsonBody prefill = request.limitsAtOne()
                .with(THRESHOLD, "0")
                .with("stream", "false")
                .without("stream_options");
        Plan.Sequential inTurn = new Plan.Sequential(
                Leg.of(prefill), Optional.empty(), Leg.of(request.body().with(THRESHOLD, "0")));
        return asksTheDecoderFirst(request.body())
                ? new Plan.DecodeFirst(Leg.of(request.body()), SharedStorageConnector::isDeclined, inTurn)
                : inTurn;
    }

    /** With a threshold of 0, or the decoder might decline. */
    @Override
    public Optional<Leg> withoutPrefill(GenerationApi api, JsonBody body, Optional<Target> kvSource) {
        return Optional.of(Leg.of(asksTheDecoderFirst(body) ? body.with(THRESHOLD, "0") : body));
    }

    private static boolean asksTheDecoderFirst(JsonBody body) {
        return body.get(THRESHOLD).filter(value -> value.asDouble() != 0).isPresent();
    }

    private static boolean isDeclined(JsonBody answer) {
        return OneTokenAnswer.finishReason(answer).equals("cache_threshold");
    }
}
