package dev.pdrouter.connectors;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.PlanRequest;
import dev.pdrouter.connector.TransferParams;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The peer-to-peer tier of vLLM's OffloadingConnector: where the engines' side channels are, and whether blocks are
 * fetched from a third engine that a request names.
 *
 * <p>Of several data-parallel ranks each has a side channel of its own: rank r at the port + r. Which rank an address
 * means is told by its port, since all sidecars listen alike: the first rank at {@code port}, the others after it.
 *
 * @param port of the first rank's side channel
 * @param pulls whether a third engine is asked
 * @param firstListener where sidecars listen for the first rank
 * @param ranks how many there are
 */
record P2pTier(int port, boolean pulls, int firstListener, int ranks) {

    /** llm-d's port, without ranks, asking no third engine. */
    static final P2pTier DEFAULT = new P2pTier(7777, false, 0, 1);

    /** Takes {@code p2p-connector-port}, {@code enable-p2p-pull}, and {@code port} and {@code data-parallel-size}. */
    P2pTier configured(Map<String, String> options) {
        int first = Ports.of(options, "p2p-connector-port", port);
        int size = Ports.number(options, "data-parallel-size", ranks, 65535);
        if (first + size - 1 > 65535) {
            throw new IllegalArgumentException(
                    "p2p-connector-port: " + size + " ranks from port " + first + " on need ports above 65535");
        }
        return new P2pTier(
                first,
                Boolean.parseBoolean(options.getOrDefault("enable-p2p-pull", String.valueOf(pulls))),
                size > 1 ? Ports.of(options, "port", firstListener) : firstListener,
                size);
    }

    /** With third engines asked, whatever {@code enable-p2p-pull} says of engines for which this tier is an extra. */
    P2pTier pulling() {
        return new P2pTier(port, true, firstListener, ranks);
    }

    /** What the prefiller is told of a third engine, to stand behind other members; empty when there is nothing. */
    String behindOthers(PlanRequest request) {
        return request.kvSource()
                .filter(engine -> pulls && !engine.equals(request.prefiller()))
                .map(engine -> "," + source(engine))
                .orElse("");
    }

    /** What a decoder alone is told of a third engine. */
    Leg decodeAlone(GenerationApi api, JsonBody body, Optional<Target> kvSource) {
        return kvSource.filter(source -> pulls)
                .map(source -> Leg.of(TransferParams.put(api, body, Text.json("{%s}", source(source)))))
                .orElse(Leg.of(body));
    }

    /** A member that names an engine's side channel. */
    String peer(String member, String id, Target engine) {
        return "\"%s\":{\"kv_request_id\":\"%s\",\"remote_host\":\"%s\",\"remote_port\":%d}"
                .formatted(member, id, engine.host(), port + rank(engine));
    }

    private String source(Target engine) {
        return peer("remote_kv_source", UUID.randomUUID().toString(), engine);
    }

    /** A port that is none of a rank's belongs to an engine without ranks. */
    private int rank(Target engine) {
        int rank = engine.port() - firstListener;
        return rank >= 0 && rank < ranks ? rank : 0;
    }
}
