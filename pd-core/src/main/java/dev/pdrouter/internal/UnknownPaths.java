package dev.pdrouter.internal;

import dev.pdrouter.PdRequest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once of each path that a scheduler chose a prefiller for it and nothing is disaggregated there. */
final class UnknownPaths {

    private static final Logger LOG = LoggerFactory.getLogger(UnknownPaths.class);
    private static final int MOST = 100;
    private static final Set<String> NOTED = ConcurrentHashMap.newKeySet();

    private UnknownPaths() {}

    static void note(PdRequest request, String path) {
        if (request.method().equals("POST")
                && request.headers().firstValue(Headers.PREFILLER_HOST_PORT).isPresent()
                && NOTED.size() < MOST
                && NOTED.add(path)) {
            LOG.warn("{} names a prefiller but is no endpoint that is disaggregated: the decoder alone", path);
        }
    }
}
