package dev.pdrouter.testkit;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Where engines find each other's blocks: by engine id or by the address of a side channel, within this process. */
final class SideChannel {
    private static final Map<String, HandoffStore> STORES = new ConcurrentHashMap<>();
    private static final Set<String> ENGINES = ConcurrentHashMap.newKeySet();
    private static final CopyOnWriteArrayList<Watch> WATCHES = new CopyOnWriteArrayList<>();

    private SideChannel() {}

    /** Wakes somebody at each change, until it is closed. */
    record Watch(Signal signal) implements AutoCloseable {
        @Override
        public void close() {
            WATCHES.remove(this);
        }
    }

    static void open(String home, HandoffStore store) {
        STORES.put(home, store);
    }

    static void close(String home) {
        STORES.remove(home);
    }

    static Optional<HandoffStore> find(String home) {
        return Optional.ofNullable(STORES.get(home));
    }

    /** An engine's address, for those that are told where it is. */
    static void enter(String address) {
        ENGINES.add(address);
    }

    static void leave(String address) {
        ENGINES.remove(address);
    }

    static boolean knows(String address) {
        return ENGINES.contains(address);
    }

    static Watch watch(Signal signal) {
        Watch watch = new Watch(signal);
        WATCHES.add(watch);
        return watch;
    }

    /** To be called with no lock held, since it takes those of the watchers. */
    static void changed() {
        WATCHES.forEach(watch -> watch.signal().update(() -> {}));
    }
}
