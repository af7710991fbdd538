package dev.pdrouter.connectors;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Bypass;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import dev.pdrouter.connector.TransferParams;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The peer-to-peer tier of vLLM's OffloadingConnector: both legs at once, which know each other by a KV request id. The
 * prefiller keeps its blocks under that id for 60 seconds, and the decoder fetches them from its side channel.
 *
 * <p>A request may name a third engine that has blocks of the prompt already. The
 * prefiller is told to fetch them there, or the decoder when there is no prefiller, unless that engine is the source
 * itself. It is not told beside a prefiller, where it would not listen.
 *
 * <p>Source: vLLM 0.32 {@code v1/kv_offload/tiering/p2p}; llm-d-router {@code connector_offloading.go}, whose default
 * port is 7777. vLLM's own is 5710.
 */
public final class OffloadingConnector implements KvConnector {

    private final P2pTier tier;

    /** A connector of engines with their side channel at port 7777. */
    public OffloadingConnector() {
        this(P2pTier.DEFAULT.pulling());
    }

    private OffloadingConnector(P2pTier tier) {
        this.tier = tier;
    }

    @Override
    public String name() {
        return "offloading";
    }

    /** Takes {@code p2p-connector-port}, and {@code port} and {@code data-parallel-size}. */
    @Override
    public KvConnector configured(Map<String, String> options) {
        return new OffloadingConnector(tier.configured(options).pulling());
    }

    /** A thinking budget has to be below the limit, which is 1 here; vLLM waives that for other connectors alone. */
    @Override
    public Optional<String> bypass(GenerationApi api, JsonBody body) {
        boolean thinks = api == GenerationApi.MESSAGES
                && body.object("thinking")
                        .flatMap(thinking -> thinking.get("type"))
                        .filter(type -> "enabled".equals(type.textValue()))
                        .isPresent();
        return thinks ? Optional.of("thinking") : Bypass.reason(api, body);
    }

    @Override
    public Leg decodeAlone(GenerationApi api, JsonBody body, Optional<Target> kvSource) {
        return tier.decodeAlone(api, body, kvSource);
    }

    @Override
    public Set<String> edited(GenerationApi api) {
        return api == GenerationApi.MESSAGES ? Set.of("thinking") : Set.of();
    }

    @Override
    public Plan plan(PlanRequest request) {
        String id = UUID.randomUUID().toString();
        byte[] prefill = Text.json("{\"remote_decoder\":{\"kv_request_id\":\"%s\"}%s}", id, tier.behindOthers(request));
        byte[] decode = Text.json("{%s}", tier.peer("remote_prefiller", id, request.prefiller()));
        return new Plan.Concurrent(
                Leg.of(TransferParams.put(request.api(), request.oneToken(), prefill)),
                answer -> true,
                Leg.of(TransferParams.put(request.api(), request.body(), decode)));
    }
}
