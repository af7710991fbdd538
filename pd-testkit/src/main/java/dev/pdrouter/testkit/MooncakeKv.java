package dev.pdrouter.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Legs that know each other by {@code transfer_id}, from either of which the role is asserted. */
final class MooncakeKv implements KvProtocol {
    private static final String BOOTSTRAP = "remote_bootstrap_addr";

    @Override
    public Optional<String> fatal(KvRole role, KvAsk ask) {
        return switch (role) {
            case PREFILLER ->
                ask.orders("do_remote_prefill") ? Optional.of("a decoder's order to a producer") : Optional.empty();
            case DECODER ->
                ask.orders("do_remote_decode") ? Optional.of("a prefiller's order to a consumer") : Optional.empty();
        };
    }

    @Override
    public List<String> faults(KvRole role, KvAsk ask) {
        boolean prefills = ask.orders("do_remote_decode");
        boolean decodes = ask.orders("do_remote_prefill");
        if ((prefills || decodes) && ask.text("transfer_id").isEmpty()) {
            return List.of("orders without a transfer_id");
        }
        String rank = ask.head().header("X-data-parallel-rank").orElse("0");
        if (prefills && !rank.equals("0")) {
            return List.of("this prefiller has no rank " + rank);
        }
        boolean known = ask.text(BOOTSTRAP).flatMap(SideChannel::find).isPresent();
        return decodes && !known ? List.of("there is no bootstrap server at the decoder's " + BOOTSTRAP) : List.of();
    }

    @Override
    public Optional<KvKeep> keep(KvAsk ask, KvBlocks blocks) {
        return ask.text("transfer_id")
                .filter(id -> ask.orders("do_remote_decode"))
                .map(id -> KvKeep.silent(id, true));
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
}
