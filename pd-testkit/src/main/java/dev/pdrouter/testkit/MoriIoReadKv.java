package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The prefiller tells where its blocks are, and the decoder reads them; see {@link KvProtocol#moriioRead}. */
final class MoriIoReadKv implements KvProtocol {

    @Override
    public Optional<String> fatal(KvRole role, KvAsk ask) {
        return role == KvRole.DECODER && !ask.hasAll(NixlKv.VITAL)
                ? Optional.of("a request that was prefilled nowhere")
                : Optional.empty();
    }

    @Override
    public List<String> faults(KvRole role, KvAsk ask) {
        return NixlKv.misdirected(role, ask);
    }

    @Override
    public Optional<KvKeep> keep(KvAsk ask, KvBlocks blocks) {
        if (!ask.orders("do_remote_decode")) {
            return Optional.empty();
        }
        ObjectNode told = NixlKv.coordinates(blocks, "read")
                .put("remote_handshake_port", blocks.port())
                .put("remote_notify_port", blocks.port())
                .put("remote_dp_size", 1)
                .put("transfer_id", "tx-" + blocks.name());
        return Optional.of(KvKeep.told(blocks.name(), NixlKv.wrapped(told)));
    }

    @Override
    public Optional<KvFetch> fetch(KvAsk ask) {
        return ask.params()
                .map(orders -> new KvFetch(
                        orders.path("remote_engine_id").asText(),
                        orders.path("remote_request_id").asText(),
                        orders,
                        Duration.ZERO));
    }
}
