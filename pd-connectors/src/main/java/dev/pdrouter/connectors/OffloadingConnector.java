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
 * <p>A request may name a third engine that has blocks of the prompt already. With {@code enable-p2p-pull} the
 * prefiller is told to fetch them there, or the decoder when there is no prefiller, unless that engine is the source
 * itself. It is not told beside a prefiller, where it would not listen.
 *
 * <p>Of several data-parallel ranks each has a side channel of its own: rank r at the port + r. Which rank an address
 * means is told by its port, since all sidecars listen alike: the first rank at {@code port}, the others after it.
 *
 * <p>Source: vLLM 0.32 {@code v1/kv_offload/tiering/p2p}; llm-d-router {@code connector_offloading.go}, whose default
 * port is 7777. vLLM's own is 5710.
 */
public final class OffloadingConnector implements KvConnector {

    private final int port;
    private final boolean pulls;
    private final int firstListener;
    private final int ranks;

    /** A connector of engines with their side channel at port 7777, which ignores sources. */
    public OffloadingConnector() {
        this(7777, false, 0, 1);
    }

    private OffloadingConnector(int port, boolean pulls, int firstListener, int ranks) {
        this.port = port;
        this.pulls = pulls;
        this.firstListener = firstListener;
        this.ranks = ranks;
    }

    @Override
    public String name() {
        return "offloading";
    }

    /** Takes {@code p2p-connector-port}, {@code enable-p2p-pull}, and {@code port} and {@code data-parallel-size}. */
    @Override
    public KvConnector configured(Map<String, String> options) {
        int first = Ports.of(options, "p2p-connector-port", port);
        int size = Ports.number(options, "data-parallel-size", ranks, 65535);
        if (first + size - 1 > 65535) {
            throw new IllegalArgumentException(
                    "p2p-connector-port: " + size + " ranks from port " + first + " on need ports above 65535");
        }
        return new OffloadingConnector(
                first,
                Boolean.parseBoolean(options.getOrDefault("enable-p2p-pull", String.valueOf(pulls))),
                size > 1 ? Ports.of(options, "port", firstListener) : firstListener,
                size);
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
        return kvSource.filter(source -> pulls)
                .map(source -> Leg.of(TransferParams.put(api, body, Text.json("{%s}", source(source)))))
                .orElse(Leg.of(body));
    }

    @Override
    public Set<String> edited(GenerationApi api) {
        return api == GenerationApi.MESSAGES ? Set.of("thinking") : Set.of();
    }

    @Override
    public Plan plan(PlanRequest request) {
        String id = UUID.randomUUID().toString();
        String source = request.kvSource()
                .filter(engine -> pulls && !engine.equals(request.prefiller()))
                .map(engine -> "," + source(engine))
                .orElse("");
        byte[] prefill = Text.json("{\"remote_decoder\":{\"kv_request_id\":\"%s\"}%s}", id, source);
        byte[] decode = Text.json("{%s}", peer("remote_prefiller", id, request.prefiller()));
        return new Plan.Concurrent(
                Leg.of(TransferParams.put(request.api(), request.oneToken(), prefill)),
                answer -> true,
                Leg.of(TransferParams.put(request.api(), request.body(), decode)));
    }

    private String source(Target engine) {
        return peer("remote_kv_source", UUID.randomUUID().toString(), engine);
    }

    private String peer(String member, String id, Target engine) {
        return "\"%s\":{\"kv_request_id\":\"%s\",\"remote_host\":\"%s\",\"remote_port\":%d}"
                .formatted(member, id, engine.host(), port + rank(engine));
    }

    /** A port that is none of a rank's belongs to an engine without ranks. */
    private int rank(Target engine) {
        int rank = engine.port() - firstListener;
        return rank >= 0 && rank < ranks ? rank : 0;
    }
}
