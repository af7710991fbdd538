package dev.pdrouter.examples;

import dev.pdrouter.testkit.KvAsk;
import dev.pdrouter.testkit.KvBlocks;
import dev.pdrouter.testkit.KvFetch;
import dev.pdrouter.testkit.KvKeep;
import dev.pdrouter.testkit.KvProtocol;
import dev.pdrouter.testkit.KvRole;
import java.time.Duration;
import java.util.Optional;

/** How the engines of {@link ShelfConnector} take its orders, for the engines of the test kit. */
public final class ShelfKv implements KvProtocol {

    /** The protocol. */
    public ShelfKv() {}

    /** An engine asserts that it can do what it is told. */
    @Override
    public Optional<String> fatal(KvRole role, KvAsk ask) {
        String others = role == KvRole.PREFILLER ? "take" : "put";
        return ask.text(others).map(key -> "an order to " + others);
    }

    @Override
    public Optional<KvKeep> keep(KvAsk ask, KvBlocks blocks) {
        return ask.text("put").map(key -> KvKeep.silent(key, false));
    }

    @Override
    public Optional<KvFetch> fetch(KvAsk ask) {
        return ask.text("take")
                .map(key -> new KvFetch(
                        ask.text("from").orElse(""), key, ask.params().orElseThrow(), Duration.ZERO));
    }
}
