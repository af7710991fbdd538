package dev.pdrouter.internal;

import dev.pdrouter.connector.Leg;
import java.net.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The headers of one request's legs: made once for the legs that have none of their own. */
final class LegHeaders {

    private final HttpHeaders client;
    private final String requestId;
    /** Of such a leg whose answer is read here; threads that miss it at the same time make the same. */
    private @Nullable HttpHeaders common;

    LegHeaders(HttpHeaders client, String requestId) {
        this.client = client;
        this.requestId = requestId;
    }

    /** For a leg whose answer is the client's. */
    HttpHeaders of(Leg leg) {
        boolean isCommon = Headers.first(client, Headers.ACCEPT_ENCODING) == null;
        return isCommon ? ofReadHere(leg) : Headers.toEngine(client, set(leg));
    }

    /** For a leg whose answer is read here. */
    HttpHeaders ofReadHere(Leg leg) {
        if (!leg.headers().isEmpty()) {
            return Headers.toEngineReadHere(client, set(leg));
        }
        HttpHeaders made = common;
        if (made == null) {
            made = Headers.toEngineReadHere(client, set(leg));
            common = made;
        }
        return made;
    }

    private Map<String, String> set(Leg leg) {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("content-type", "application/json");
        set.put(Headers.REQUEST_ID, requestId);
        leg.headers().forEach((name, value) -> set.put(name.toLowerCase(Locale.ROOT), value));
        return set;
    }
}
