package dev.pdrouter.examples;

import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdListener;
import dev.pdrouter.testkit.VllmDecoder;
import dev.pdrouter.testkit.VllmPrefiller;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** Collects what the router tells of each request, until the request has ended. */
final class Journal implements PdListener {
    private final Map<String, List<Entry>> running = new ConcurrentHashMap<>();
    private final BlockingQueue<Timeline> ended = new LinkedBlockingQueue<>();
    private final VllmPrefiller prefiller;
    private final VllmDecoder decoder;

    Journal(VllmPrefiller prefiller, VllmDecoder decoder) {
        this.prefiller = prefiller;
        this.decoder = decoder;
    }

    /**
     * An event and when it was told.
     *
     * @param at of {@link System#nanoTime}
     */
    record Entry(PdEvent event, long at) {}

    @Override
    public void on(PdEvent event) {
        if (event instanceof PdEvent.Released) {
            return; // it may come when its request has ended
        }
        long now = System.nanoTime();
        String id = event.requestId();
        running.computeIfAbsent(id, any -> new CopyOnWriteArrayList<>()).add(new Entry(event, now));
        if (event instanceof PdEvent.Ended) {
            List<Entry> entries = running.remove(id);
            if (entries != null) {
                ended.add(new Timeline(id, entries, prefiller, decoder));
            }
        }
    }

    /** Waits for the next request to end. */
    Timeline awaitEnd() throws InterruptedException {
        return ended.take();
    }

    /** Waits for a request to end, and forgets those that end before it. */
    Timeline awaitEnd(String requestId) throws InterruptedException {
        Timeline next = awaitEnd();
        while (!next.requestId().equals(requestId)) {
            next = awaitEnd();
        }
        return next;
    }
}
