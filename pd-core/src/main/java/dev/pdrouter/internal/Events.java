package dev.pdrouter.internal;

import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdListener;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the listeners of one request, none of which can break it. */
final class Events {

    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    private final List<PdListener> listeners;
    private final String requestId;
    private final long received = System.nanoTime();

    Events(List<PdListener> listeners, String requestId) {
        this.listeners = listeners;
        this.requestId = requestId;
    }

    String requestId() {
        return requestId;
    }

    Duration sinceReceived() {
        return Duration.ofNanos(System.nanoTime() - received);
    }

    void tell(PdEvent event) {
        for (PdListener listener : listeners) {
            try {
                listener.on(event);
            } catch (Throwable e) { // also what other languages throw unchecked
                LOG.warn(
                        "request {}: a listener failed on {}",
                        requestId,
                        event.getClass().getSimpleName(),
                        e);
            }
        }
    }
}
