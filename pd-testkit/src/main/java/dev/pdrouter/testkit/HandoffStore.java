package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The blocks that a prefiller keeps for decoders: each handoff is read once, or its lease ends. */
final class HandoffStore {
    private final Map<String, Held> held = new ConcurrentHashMap<>();
    private final Map<String, End> ended = new ConcurrentHashMap<>();
    private final Signal signal;
    private final Duration lease;

    HandoffStore(Signal signal, Duration lease) {
        this.signal = signal;
        this.lease = lease;
    }

    /**
     * What a decoder gets to read.
     *
     * @param told the members by which the answer told of it; none when both engines were told its name
     */
    record Held(String name, Prompt prompt, int blocks, ObjectNode told) {}

    /** What became of a handoff. */
    enum End {
        READ("it had been read before"),
        EXPIRED("its lease had ended"),
        UNKNOWN("nobody made it");

        final String why;

        End(String why) {
            this.why = why;
        }
    }

    /** What came of an attempt to read. */
    sealed interface Read {
        /** The blocks were there, and are free now. */
        record Found(Held handoff) implements Read {}

        /** There are no such blocks. */
        record Gone(End end) implements Read {}
    }

    void hold(Held handoff) {
        signal.update(() -> held.put(handoff.name(), handoff));
        SideChannel.changed();
        CompletableFuture.runAsync(
                () -> end(handoff.name(), End.EXPIRED),
                CompletableFuture.delayedExecutor(lease.toNanos(), TimeUnit.NANOSECONDS));
    }

    Read read(String name) {
        Held handoff = held.get(name);
        return handoff != null && end(name, End.READ)
                ? new Read.Found(handoff)
                : new Read.Gone(ended.getOrDefault(name, End.UNKNOWN));
    }

    /** Whether {@link #read} will not have to wait. */
    boolean knows(String name) {
        return held.containsKey(name) || ended.containsKey(name);
    }

    /** Forgets all, as the end of a process does. */
    void clear() {
        held.keySet().forEach(name -> end(name, End.UNKNOWN));
    }

    int size() {
        return held.size();
    }

    int expired() {
        return (int) ended.values().stream().filter(end -> end == End.EXPIRED).count();
    }

    private boolean end(String name, End end) {
        if (held.remove(name) == null) {
            return false;
        }
        signal.update(() -> ended.put(name, end));
        SideChannel.changed();
        return true;
    }
}
