package dev.pdrouter.testkit;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A store of KV blocks, or of encoded media, that several engines share: who computes something puts it there, and finds
 * what others have put by its content alone.
 */
public final class SharedStore {
    private final Set<Long> contents = ConcurrentHashMap.newKeySet();

    /** Makes an empty store. */
    public SharedStore() {}

    /**
     * How much is in it.
     *
     * @return the number of different prompts or media
     */
    public int size() {
        return contents.size();
    }

    void put(long seed) {
        contents.add(seed);
    }

    boolean has(long seed) {
        return contents.contains(seed);
    }
}
