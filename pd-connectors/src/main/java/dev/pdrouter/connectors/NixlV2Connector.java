package dev.pdrouter.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import dev.pdrouter.connector.TransferParams;
import java.util.Map;
import java.util.Optional;

/**
 * vLLM's NixlConnector, in which the decoder pulls the KV cache: the prefiller first, then the decoder.
 *
 * <p>The prefiller computes the prompt and one token, and is told by {@code do_remote_decode} to keep the blocks. It
 * answers {@code kv_transfer_params} that say where they are. Those go to the decoder as they are spelled, since every
 * release of vLLM adds keys and the router needs none of them. The decoder reads the blocks over NIXL and lets the
 * prefiller free them; if it never does, a lease ends after 30 seconds (vllm PR #41383; 480 in older versions).
 *
 * <p>A prefiller that answers no object there has handed nothing over: the decoder computes the prompt itself.
 *
 * <p>Source: vllm {@code distributed/kv_transfer/kv_connector/v1/nixl}, vLLM 0.32; llm-d-routing-sidecar
 * {@code connector_nixlv2.go}.
 */
public final class NixlV2Connector implements KvConnector {

    /** All six keys, since the engine asks for each. */
    private static final String REMOTE_DECODE =
            """
            {"do_remote_decode":true,"do_remote_prefill":false,"remote_engine_id":null,"remote_block_ids":null,\
            "remote_host":null,"remote_port":null}""";

    private final boolean rewriteRemoteHost;
    private final P2pTier tier;

    /** A connector that hands handoffs on as they are. */
    public NixlV2Connector() {
        this(false, P2pTier.DEFAULT);
    }

    private NixlV2Connector(boolean rewriteRemoteHost, P2pTier tier) {
        this.rewriteRemoteHost = rewriteRemoteHost;
        this.tier = tier;
    }

    /**
     * Takes {@code rewrite-remote-host}; and for engines whose MultiConnector has the offloading tier too,
     * {@code enable-p2p-pull} and what goes with it, see {@link OffloadingConnector}.
     */
    @Override
    public KvConnector configured(Map<String, String> options) {
        return new NixlV2Connector(RemoteHost.isRewritten(options), P2pTier.DEFAULT.configured(options));
    }

    @Override
    public Leg decodeAlone(GenerationApi api, JsonBody body, Optional<Target> kvSource) {
        return tier.decodeAlone(api, body, kvSource);
    }

    @Override
    public String name() {
        return "nixlv2";
    }

    @Override
    public Plan plan(PlanRequest request) {
        GenerationApi api = request.api();
        return new Plan.Sequential(
                Leg.of(prefill(request, tier)),
                Optional.of(
                        answer -> handoff(api, RemoteHost.rewritten(answer, request.prefiller(), rewriteRemoteHost))),
                Leg.of(request.body()));
    }

    static JsonBody prefill(PlanRequest request) {
        return prefill(request, P2pTier.DEFAULT);
    }

    static JsonBody prefill(PlanRequest request, P2pTier tier) {
        String params = REMOTE_DECODE.substring(0, REMOTE_DECODE.length() - 1) + tier.behindOthers(request) + "}";
        return TransferParams.put(request.api(), request.oneToken(), params.getBytes(UTF_8));
    }

    static Optional<Handoff> handoff(GenerationApi api, JsonBody answer) {
        return TransferParams.in(answer)
                .map(params -> new Handoff(
                        body -> TransferParams.put(api, body, params),
                        ReportedCache.of(api, answer, answer.object(TransferParams.MEMBER))));
    }
}
