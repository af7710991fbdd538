package dev.pdrouter.connectors;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException;
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
import java.util.UUID;

/**
 * vLLM's MoRIIOConnector in its write mode: both legs at once, each with the other's coordinates; the prefiller writes
 * the blocks into the decoder.
 *
 * <p>The prefiller has to be told where this decoder is, as it sees it: {@code moriio-local-pod-ip} is required. The
 * ports are the engines' own defaults. A prefiller that ends with anything but its limit of one token writes nothing,
 * and ends the request. Of several data-parallel ranks one is chosen for each request, the same on both sides;
 * Responses, which reads no such choice, goes to the decoder alone then.
 *
 * <p>{@code moriio-write-mode=false} is for engines in the other mode, see {@link MoriIoRead}.
 *
 * <p>Source: vLLM 0.32 {@code kv_connector/v1/moriio}; llm-d-router, its {@code moriio-write-mode} with
 * {@code moriio-parallel-dispatch}.
 */
public final class MoriIoConnector implements KvConnector {

    private static final Ends DEFAULT = new Ends(61005, 6301);

    private final String ownHost;
    private final Ends prefiller;
    private final Ends decoder;
    private final int tpSize;
    private final MoriIoRanks ranks;
    private final boolean reads;

    /** The ports of one side. */
    private record Ends(int notice, int handshake) {

        Ends configured(Map<String, String> options, String side) {
            return new Ends(
                    Ports.of(options, "moriio-" + side + "-notify-port", notice),
                    Ports.of(options, "moriio-" + side + "-handshake-port", handshake));
        }

        String coordinates(String host, int dpSize, int tpSize) {
            return "\"remote_host\":\"%s\",\"remote_notify_port\":%d,\"remote_handshake_port\":%d,\"remote_dp_size\":%d,\"tp_size\":%d"
                    .formatted(host, notice, handshake, dpSize, tpSize);
        }
    }

    /** A connector that has to be configured. */
    public MoriIoConnector() {
        this("", DEFAULT, DEFAULT, 1, MoriIoRanks.ONE, false);
    }

    private MoriIoConnector(
            String ownHost, Ends prefiller, Ends decoder, int tpSize, MoriIoRanks ranks, boolean reads) {
        this.ownHost = ownHost;
        this.prefiller = prefiller;
        this.decoder = decoder;
        this.tpSize = tpSize;
        this.ranks = ranks;
        this.reads = reads;
    }

    @Override
    public String name() {
        return "moriio";
    }

    /**
     * Takes {@code moriio-write-mode}, {@code moriio-local-pod-ip}, {@code moriio-prefill-notify-port},
     * {@code moriio-prefill-handshake-port} and the same of {@code decode}, {@code moriio-tp-size},
     * {@code moriio-dp-size}, {@code moriio-dp-size-local}, {@code moriio-decode-hosts} and {@code moriio-remote-hosts}.
     */
    @Override
    public KvConnector configured(Map<String, String> options) {
        String host = options.getOrDefault("moriio-local-pod-ip", ownHost);
        boolean read = options.getOrDefault("moriio-write-mode", "true").equals("false");
        if (host.isEmpty() && !read) {
            throw new IllegalArgumentException(
                    "moriio-local-pod-ip: expected the decoder's address for its prefillers");
        }
        return new MoriIoConnector(
                host.isEmpty() ? host : new Target(host, 1).host(),
                prefiller.configured(options, "prefill"),
                decoder.configured(options, "decode"),
                Ports.number(options, "moriio-tp-size", tpSize, 1024),
                MoriIoRanks.configured(options),
                read);
    }

    /** A decoder in read mode does nothing alone, so nothing goes there unless it is planned. */
    @Override
    public Optional<String> bypass(GenerationApi api, JsonBody body) {
        if (reads) {
            return Optional.empty();
        }
        return ranks.size() > 1 && api == GenerationApi.RESPONSES
                ? Optional.of("a rank cannot be chosen in Responses")
                : Bypass.reason(api, body);
    }

    @Override
    public Leg decodeAlone(GenerationApi api, JsonBody body, Optional<Target> kvSource) throws PdException {
        if (reads) {
            throw MoriIoRead.refusal("no prefiller");
        }
        return Leg.of(body);
    }

    @Override
    public Optional<Leg> withoutPrefill(GenerationApi api, JsonBody body, Optional<Target> kvSource) {
        return reads ? Optional.empty() : Optional.of(Leg.of(body));
    }

    @Override
    public Plan plan(PlanRequest request) throws PdException {
        return reads ? MoriIoRead.plan(request, ranks) : writePlan(request);
    }

    private Plan writePlan(PlanRequest request) {
        if (ownHost.isEmpty()) {
            throw new IllegalStateException("the connector moriio was not configured");
        }
        String host = request.prefiller().host();
        String transfer = "tx-" + UUID.randomUUID();
        int rank = ranks.any();
        byte[] prefill = Text.json(
                "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"transfer_id\":\"%s\",%s%s}",
                transfer,
                decoder.coordinates(ownHost, ranks.size(), tpSize),
                ranks.members(rank, ranks.decoderHosts()));
        byte[] decode = Text.json(
                "{\"do_remote_decode\":false,\"do_remote_prefill\":true,\"transfer_id\":\"%s\","
                        + "\"remote_engine_id\":\"%s:%d\",\"remote_block_ids\":[],%s%s}",
                transfer,
                host,
                prefiller.handshake(),
                prefiller.coordinates(host, ranks.size(), tpSize),
                ranks.members(rank, ranks.prefillerHosts()));
        return new Plan.Concurrent(
                Leg.of(TransferParams.put(request.api(), request.oneToken(), prefill))
                        .withHeaders(ranks.headers(rank)),
                OneTokenAnswer::endedByLength,
                Leg.of(TransferParams.put(request.api(), request.body(), decode))
                        .withHeaders(ranks.headers(rank)));
    }
}
