package dev.pdrouter.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** As {@link NixlKv}, the legs paired by the request id; see {@link KvProtocol#nixlPush}. */
final class NixlPushKv implements KvProtocol {
    private static final List<String> VITAL = Stream.concat(
                    NixlKv.VITAL.stream(), Stream.of("tp_size", "remote_request_id"))
            .toList();

    @Override
    public Optional<String> fatal(KvRole role, KvAsk ask) {
        return ask.orders("do_remote_prefill") && !ask.hasAll(VITAL)
                ? Optional.of("an order to be written KV without all of " + VITAL)
                : Optional.empty();
    }

    @Override
    public List<String> faults(KvRole role, KvAsk ask) {
        return NixlKv.misdirected(role, ask);
    }

    @Override
    public Optional<KvKeep> keep(KvAsk ask, KvBlocks blocks) {
        return ask.orders("do_remote_decode")
                ? Optional.of(KvKeep.told(ask.requestName(), NixlKv.wrapped(NixlKv.coordinates(blocks, "push"))))
                : Optional.empty();
    }

    /** A decoder whose prefiller knows no such request keeps its blocks for minutes. */
    @Override
    public Optional<KvFetch> fetch(KvAsk ask) {
        return ask.params()
                .filter(orders -> ask.orders("do_remote_prefill"))
                .map(orders -> new KvFetch(
                        orders.path("remote_engine_id").asText(), ask.requestName(), orders, Duration.ofMinutes(8)));
    }
}
