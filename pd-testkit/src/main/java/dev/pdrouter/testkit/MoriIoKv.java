package dev.pdrouter.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Each leg with the other's coordinates, the prefiller writes; see {@link KvProtocol#moriio}. */
final class MoriIoKv implements KvProtocol {
    private static final List<String> COORDINATES =
            List.of("remote_host", "remote_notify_port", "remote_handshake_port", "remote_dp_size", "tp_size");

    @Override
    public Optional<String> fatal(KvRole role, KvAsk ask) {
        if (!ask.orders("do_remote_decode") && !ask.orders("do_remote_prefill")) {
            return Optional.empty();
        }
        if (!ask.text("transfer_id").orElse("").startsWith("tx")) {
            return Optional.of("a transfer_id that does not begin with tx");
        }
        boolean whole = ask.hasAll(COORDINATES)
                && (role == KvRole.PREFILLER || ask.hasAll(List.of("remote_engine_id", "remote_block_ids")));
        return whole ? Optional.empty() : Optional.of("orders without the other engine's coordinates");
    }

    @Override
    public List<String> faults(KvRole role, KvAsk ask) {
        return NixlKv.misdirected(role, ask);
    }

    @Override
    public Optional<KvKeep> keep(KvAsk ask, KvBlocks blocks) {
        return ask.text("transfer_id")
                .filter(id -> ask.orders("do_remote_decode"))
                .map(id -> new KvKeep(id, Optional.empty(), true, Optional.of(handshake(ask))));
    }

    @Override
    public Optional<KvFetch> fetch(KvAsk ask) {
        return ask.params()
                .filter(orders -> ask.orders("do_remote_prefill"))
                .map(orders -> new KvFetch(
                        orders.path("remote_engine_id").asText(),
                        orders.path("transfer_id").asText(),
                        orders,
                        Duration.ofSeconds(480)));
    }

    private static String handshake(KvAsk ask) {
        return ask.text("remote_host").orElse("") + ":"
                + ask.params()
                        .map(all -> all.path("remote_handshake_port").asInt())
                        .orElse(0);
    }
}
