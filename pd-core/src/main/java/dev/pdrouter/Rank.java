package dev.pdrouter;

import java.util.function.Predicate;

/**
 * One data-parallel rank of the decoder, an engine of its own, and the listener that stands before it.
 *
 * @param decoder where the engine is; as a source of KV blocks it is itself, and left out
 * @param addresses which addresses name the listener, in {@code x-data-parallel-host-port} to choose the rank, and in
 *     {@code x-kv-cache-source-host-port}, where it means the decoder. Called by many threads at once
 */
public record Rank(Target decoder, Predicate<Target> addresses) {

    /**
     * The only rank, which no header names.
     *
     * @param decoder where the engine is
     * @return the rank
     */
    public static Rank of(Target decoder) {
        return new Rank(decoder, address -> false);
    }
}
