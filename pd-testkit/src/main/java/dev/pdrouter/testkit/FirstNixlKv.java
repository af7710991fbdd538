package dev.pdrouter.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Members at top level, both legs named by the same request id; see {@link KvProtocol#firstNixl}. */
final class FirstNixlKv implements KvProtocol {

    @Override
    public Optional<String> fatal(KvRole role, KvAsk ask) {
        boolean complete = NixlKv.VITAL.stream().allMatch(ask.body()::hasNonNull);
        return orders(ask, "do_remote_prefill") && !complete
                ? Optional.of("an order to read KV without its coordinates")
                : Optional.empty();
    }

    @Override
    public List<String> faults(KvRole role, KvAsk ask) {
        return switch (role) {
            case PREFILLER -> orders(ask, "do_remote_prefill") ? List.of("a prefiller was told to read KV") : List.of();
            case DECODER ->
                orders(ask, "do_remote_decode") ? List.of("a decoder was told to keep its blocks") : List.of();
        };
    }

    @Override
    public Optional<KvKeep> keep(KvAsk ask, KvBlocks blocks) {
        return orders(ask, "do_remote_decode")
                ? Optional.of(KvKeep.told(
                        ask.requestId(), NixlKv.coordinates(blocks, "pull").retain(NixlKv.VITAL)))
                : Optional.empty();
    }

    @Override
    public Optional<KvFetch> fetch(KvAsk ask) {
        return orders(ask, "do_remote_prefill")
                ? Optional.of(new KvFetch(
                        ask.body().path("remote_engine_id").asText(), ask.requestId(), ask.body(), Duration.ZERO))
                : Optional.empty();
    }

    private static boolean orders(KvAsk ask, String name) {
        return ask.body().path(name).asBoolean();
    }
}
