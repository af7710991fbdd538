package dev.pdrouter.connectors;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * NIXL in whichever version the prefiller speaks: as {@link NixlV2Connector}, or the older protocol of top-level
 * members.
 *
 * <p>The prefiller is asked in both. A v1 engine reads {@code do_remote_decode} at top level and nothing else; a newer
 * one ignores it there. An answer with {@code kv_transfer_params} is v2. One with the four coordinates at top level is
 * v1, and the decoder gets {@code do_remote_prefill} and those four, as they are spelled.
 *
 * <p>Source: llm-d-routing-sidecar {@code connector_nixl.go}.
 */
public final class NixlConnector implements KvConnector {

    private static final String REMOTE_DECODE = "do_remote_decode";
    private static final String REMOTE_PREFILL = "do_remote_prefill";
    private static final List<String> COORDINATES =
            List.of("remote_block_ids", "remote_engine_id", "remote_host", "remote_port");

    private final boolean rewriteRemoteHost;
    private final P2pTier tier;

    /** A connector that hands handoffs on as they are. */
    public NixlConnector() {
        this(false, P2pTier.DEFAULT);
    }

    private NixlConnector(boolean rewriteRemoteHost, P2pTier tier) {
        this.rewriteRemoteHost = rewriteRemoteHost;
        this.tier = tier;
    }

    /** Takes what {@link NixlV2Connector} does. */
    @Override
    public KvConnector configured(Map<String, String> options) {
        return new NixlConnector(RemoteHost.isRewritten(options), P2pTier.DEFAULT.configured(options));
    }

    @Override
    public Leg decodeAlone(GenerationApi api, JsonBody body, Optional<Target> kvSource) {
        return tier.decodeAlone(api, body, kvSource);
    }

    @Override
    public String name() {
        return "nixl";
    }

    @Override
    public Set<String> reserved(GenerationApi api) {
        return Set.of(
                REMOTE_DECODE, REMOTE_PREFILL, "remote_block_ids", "remote_engine_id", "remote_host", "remote_port");
    }

    @Override
    public Plan plan(PlanRequest request) {
        GenerationApi api = request.api();
        return new Plan.Sequential(
                Leg.of(NixlV2Connector.prefill(request, tier).with(REMOTE_DECODE, "true")),
                Optional.of(
                        answer -> handoff(api, RemoteHost.rewritten(answer, request.prefiller(), rewriteRemoteHost))),
                Leg.of(request.body()));
    }

    private static Optional<Handoff> handoff(GenerationApi api, JsonBody answer) {
        Optional<Handoff> current = NixlV2Connector.handoff(api, answer);
        return current.isPresent()
                ? current.map(found -> found.after(body -> body.without(REMOTE_DECODE)))
                : firstProtocol(api, answer);
    }

    private static Optional<Handoff> firstProtocol(GenerationApi api, JsonBody answer) {
        return COORDINATES.stream().allMatch(answer::has)
                ? Optional.of(new Handoff(
                        body -> addCoordinates(body, answer), ReportedCache.of(api, answer, Optional.empty())))
                : Optional.empty();
    }

    private static JsonBody addCoordinates(JsonBody body, JsonBody answer) {
        JsonBody told =
                body.without("kv_transfer_params").without(REMOTE_DECODE).with(REMOTE_PREFILL, "true");
        for (String name : COORDINATES) {
            told = told.with(name, answer.raw(name).orElseThrow());
        }
        return told;
    }
}
