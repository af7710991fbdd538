package dev.pdrouter.internal;

import dev.pdrouter.PdRequest;
import dev.pdrouter.event.PdEvent;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of requests for which a scheduler chose a prefiller although nothing is disaggregated at their path. */
final class UnknownPaths {

    private static final Logger LOG = LoggerFactory.getLogger(UnknownPaths.class);
    private static final int MOST = 100;
    private static final Set<String> NOTED = ConcurrentHashMap.newKeySet();

    private UnknownPaths() {}

    /** Every one is an event, so that it can be counted; the log has each path once. */
    static void note(PdRequest request, String path, Events events) {
        if (!request.method().equals("POST") || !namesAPrefiller(request)) {
            return;
        }
        events.tell(new PdEvent.DecodeAlone(events.requestId(), "no endpoint that is disaggregated"));
        if (NOTED.size() < MOST && NOTED.add(path)) {
            LOG.warn("{} names a prefiller but is no endpoint that is disaggregated: the decoder alone", path);
        }
    }

    private static boolean namesAPrefiller(PdRequest request) {
        return Stream.of(Headers.PREFILLER_HOST_PORT, Headers.PREFILLER_URL)
                .flatMap(name -> request.headers().allValues(name).stream())
                .anyMatch(value -> !Headers.list(value).isEmpty());
    }
}
