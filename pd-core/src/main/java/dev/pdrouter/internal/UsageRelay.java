package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.util.Locale;
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
        ByteArrayOutputStream whole = new ByteArrayOutputStream(call.pieceSize());
        byte[] piece = new byte[call.pieceSize()];
        for (int read = call.read(piece); read >= 0; read = call.read(piece)) {
            whole.write(piece, 0, read);
            if (whole.size() > LARGEST_JSON) {
                LOG.warn("an answer of more than {} bytes keeps the decoder's count of cached tokens", LARGEST_JSON);
                call.unread(whole.toByteArray());
                client.relay(call, watch);
                return;
            }
            if (call.isWhole()) {
                break;
            }
        }
        watch.firstByte();
        watch.answered(call.status());
        client.send(call.status(), call.headers(), cached.in(whole.toByteArray()));
    }

    private static boolean isCoded(HttpHeaders headers) {
        return headers.allValues("content-encoding").stream().anyMatch(coding -> !coding.equalsIgnoreCase("identity"));
    }

    private static boolean isJson(HttpHeaders headers) {
        return headers.firstValue("content-type")
                .filter(type -> type.toLowerCase(Locale.ROOT).startsWith("application/json"))
                .isPresent();
    }
}
