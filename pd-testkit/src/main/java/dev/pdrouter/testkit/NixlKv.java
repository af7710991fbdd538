package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Everything in {@code kv_transfer_params}, the handoff named by {@code remote_request_id}; see {@link KvProtocol#nixl}. */
final class NixlKv implements KvProtocol {
    /** Without these an order to read ends the engine's process. */
    static final List<String> VITAL = List.of("remote_block_ids", "remote_engine_id", "remote_host", "remote_port");

    @Override
    public Optional<String> fatal(KvRole role, KvAsk ask) {
        return ask.orders("do_remote_prefill") && !ask.hasAll(VITAL)
                ? Optional.of("an order to read KV without its coordinates")
                : Optional.empty();
    }

    @Override
    public List<String> faults(KvRole role, KvAsk ask) {
        return misdirected(role, ask);
    }

    @Override
    public Optional<KvKeep> keep(KvAsk ask, KvBlocks blocks) {
        return ask.orders("do_remote_decode")
                ? Optional.of(KvKeep.told(blocks.name(), wrapped(coordinates(blocks, "pull"))))
                : Optional.empty();
    }

    @Override
    public Optional<KvFetch> fetch(KvAsk ask) {
        return ask.params()
                .filter(orders -> ask.orders("do_remote_prefill"))
                .map(orders -> new KvFetch(
                        orders.path("remote_engine_id").asText(),
                        orders.path("remote_request_id").asText(),
                        orders,
                        Duration.ZERO));
    }

    /** An order for the other role, where engines do not assert theirs. */
    static List<String> misdirected(KvRole role, KvAsk ask) {
        return switch (role) {
            case PREFILLER -> ask.orders("do_remote_prefill") ? List.of("a prefiller was told to read KV") : List.of();
            case DECODER ->
                ask.orders("do_remote_decode") ? List.of("a decoder was told to keep its blocks") : List.of();
        };
    }

    static ObjectNode wrapped(ObjectNode params) {
        return Json.object().set("kv_transfer_params", params);
    }

    static ObjectNode coordinates(KvBlocks blocks, String mode) {
        ObjectNode all = Json.object().put("do_remote_prefill", true).put("do_remote_decode", false);
        all.set("remote_block_ids", blocks.ids());
        all.put("remote_engine_id", blocks.engineId())
                .put("remote_request_id", blocks.name())
                .put("remote_host", "127.0.0.1")
                .put("remote_port", 5600)
                .put("tp_size", 1)
                .put("dcp_size", 1)
                .put("pp_size", 1)
                .put("remote_num_tokens", blocks.tokens())
                .putNull("remote_blocks_expiry_time")
                .put("transfer_mode", mode);
        blocks.cachedTokens().ifPresent(cached -> all.put("remote_prefill_cached_tokens", cached));
        return all;
    }
}
