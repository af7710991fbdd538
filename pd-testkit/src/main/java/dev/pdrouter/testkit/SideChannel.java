package dev.pdrouter.testkit;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Where decoders find the blocks of prefillers: by engine id, within this process. */
final class SideChannel {
    private static final Map<String, HandoffStore> STORES = new ConcurrentHashMap<>();

    private SideChannel() {}

    static void open(String engineId, HandoffStore store) {
        STORES.put(engineId, store);
    }

    static void close(String engineId) {
        STORES.remove(engineId);
    }

    static Optional<HandoffStore> find(String engineId) {
        return Optional.ofNullable(STORES.get(engineId));
    }
}
