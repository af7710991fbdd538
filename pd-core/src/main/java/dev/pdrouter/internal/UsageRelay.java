package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes a decoder's answer on with the prefiller's count of cached tokens in its usage. */
final class UsageRelay {

    private static final Logger LOG = LoggerFactory.getLogger(UsageRelay.class);

    /** What a larger answer says of usage stays as it is. */
    private static final int LARGEST_JSON = 4 << 20;

    private final Client client;
    private final CachedTokens cached;

    UsageRelay(Client client, long cachedTokens) {
        this.client = client;
        this.cached = new CachedTokens(cachedTokens);
    }

    /** As {@link Client#relay}. JSON is read whole first, since its length may change. */
    void relay(EngineCall call, StageWatch watch) throws IOException, PdException, InterruptedException {
        if (!call.succeeded() || isCoded(call.headers())) {
            client.relay(call, watch);
        } else if (Headers.isEventStream(call.headers())) {
            client.relayChanged(call, watch, out -> new UsageEvents(out, cached));
        } else if (isJson(call.headers())) {
            relayJson(call, watch);
        } else {
            client.relay(call, watch);
        }
    }

    private void relayJson(EngineCall call, StageWatch watch) throws IOException, PdException, InterruptedException {
        Optional<byte[]> whole = WholeAnswer.readShort(call, LARGEST_JSON);
        if (whole.isEmpty()) {
            LOG.warn("an answer of more than {} bytes keeps the decoder's count of cached tokens", LARGEST_JSON);
            client.relay(call, watch);
            return;
        }
        watch.firstByte();
        watch.answered(call.status());
        client.send(call.status(), call.headers(), cached.in(whole.get()));
    }

    private static boolean isCoded(HttpHeaders headers) {
        for (String coding : headers.allValues("content-encoding")) {
            if (!coding.equalsIgnoreCase("identity")) {
                return true;
            }
        }
        return false;
    }

    private static boolean isJson(HttpHeaders headers) {
        return Headers.hasType(headers, "application/json");
    }
}
