package dev.pdrouter.connectors;

import dev.pdrouter.GenerationApi;
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
 * LMCache, whose engines share a store: the prefiller fills it, and the decoder finds the prompt there by its hash.
 * Deprecated by its users; the engines' own connectors have replaced it.
 *
 * <p>Nothing is handed over, so the prefiller gets the client's request with its limits at 1, its answer does not
 * matter when it succeeds, and the decoder gets the client's own bytes. Neither do several samples stand in the way.
 *
 * <p>Source: llm-d-routing-sidecar {@code connector_lmcache.go}.
 */
public final class LmCacheConnector implements KvConnector {

    private static final Set<Bypass> BYPASSES = EnumSet.complementOf(EnumSet.of(Bypass.SEVERAL_SAMPLES));

    /** A connector without a state, as the service loader wants it. */
    public LmCacheConnector() {}

    @Override
    public String name() {
        return "lmcache";
    }

    @Override
    public Optional<String> bypass(GenerationApi api, JsonBody body) {
        return Bypass.reason(api, body, BYPASSES);
    }

    @Override
    public Plan plan(PlanRequest request) {
        return new Plan.Sequential(Leg.of(request.limitsAtOne()), Optional.empty(), Leg.of(request.body()));
    }
}
