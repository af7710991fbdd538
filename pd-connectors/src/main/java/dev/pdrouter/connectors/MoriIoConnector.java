package dev.pdrouter.connectors;

import dev.pdrouter.Target;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import dev.pdrouter.connector.TransferParams;
import java.util.Map;
import java.util.UUID;

/**
 * vLLM's MoRIIOConnector in its write mode: both legs at once, each with the other's coordinates; the prefiller writes
 * the blocks into the decoder.
 *
 * <p>The prefiller has to be told where this decoder is, as it sees it: {@code moriio-local-pod-ip} is required. The
 * ports are the engines' own defaults. A prefiller that ends with anything but its limit of one token writes nothing,
 * and ends the request. Several data-parallel ranks are not served, nor the read mode.
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

    /** The ports of one side. */
    private record Ends(int notice, int handshake) {

        Ends configured(Map<String, String> options, String side) {
            return new Ends(
                    Ports.of(options, "moriio-" + side + "-notify-port", notice),
                    Ports.of(options, "moriio-" + side + "-handshake-port", handshake));
        }

        String coordinates(String host, int tpSize) {
            return "\"remote_host\":\"%s\",\"remote_notify_port\":%d,\"remote_handshake_port\":%d,\"remote_dp_size\":1,\"tp_size\":%d"
                    .formatted(host, notice, handshake, tpSize);
        }
    }

    /** A connector that has to be configured. */
    public MoriIoConnector() {
        this("", DEFAULT, DEFAULT, 1);
    }

    private MoriIoConnector(String ownHost, Ends prefiller, Ends decoder, int tpSize) {
        this.ownHost = ownHost;
        this.prefiller = prefiller;
        this.decoder = decoder;
        this.tpSize = tpSize;
    }

    @Override
    public String name() {
        return "moriio";
    }

    /**
     * Takes {@code moriio-local-pod-ip}, {@code moriio-tp-size}, and {@code moriio-prefill-notify-port},
     * {@code moriio-prefill-handshake-port} and the same of {@code decode}.
     */
    @Override
    public KvConnector configured(Map<String, String> options) {
        String host = options.getOrDefault("moriio-local-pod-ip", ownHost);
        if (host.isEmpty()) {
            throw new IllegalArgumentException(
                    "moriio-local-pod-ip: expected the decoder's address for its prefillers");
        }
        return new MoriIoConnector(
                new Target(host, 1).host(),
                prefiller.configured(options, "prefill"),
                decoder.configured(options, "decode"),
                Ports.number(options, "moriio-tp-size", tpSize, 1024));
    }

    @Override
    public Plan plan(PlanRequest request) {
        if (ownHost.isEmpty()) {
            throw new IllegalStateException("the connector moriio was not configured");
        }
        String host = request.prefiller().host();
        String transfer = "tx-" + UUID.randomUUID();
        byte[] prefill = Text.json(
                "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"transfer_id\":\"%s\",%s}",
                transfer, decoder.coordinates(ownHost, tpSize));
        byte[] decode = Text.json(
                "{\"do_remote_decode\":false,\"do_remote_prefill\":true,\"transfer_id\":\"%s\","
                        + "\"remote_engine_id\":\"%s:%d\",\"remote_block_ids\":[],%s}",
                transfer, host, prefiller.handshake(), prefiller.coordinates(host, tpSize));
        return new Plan.Concurrent(
                Leg.of(TransferParams.put(request.api(), request.oneToken(), prefill)),
                OneTokenAnswer::endedByLength,
                Leg.of(TransferParams.put(request.api(), request.body(), decode)));
    }
}
