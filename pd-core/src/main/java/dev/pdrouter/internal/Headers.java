package dev.pdrouter.internal;

import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which headers travel on: end-to-end ones, both ways. */
final class Headers {

    static final String PREFILLER_HOST_PORT = "x-prefiller-host-port";
    static final String PREFILLER_URL = "x-prefiller-url";
    static final String ENCODERS = "x-encoder-hosts-ports";
    static final String KV_SOURCE = "x-kv-cache-source-host-port";
    static final String DATA_PARALLEL = "x-data-parallel-host-port";
    static final String REQUEST_ID = "x-request-id";
    static final String ACCEPT_ENCODING = "accept-encoding";

    /** RFC 9110 section 7.6.1, and those that RFC 9110 section 11.7 and RFC 7540 mean for one hop. */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "proxy-connection",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings",
            "proxy-authenticate",
            "proxy-authorization");

    /** Ours to read, and those that the transport writes anew. */
    private static final Set<String> NEVER_TO_AN_ENGINE = Set.of(
            PREFILLER_HOST_PORT, PREFILLER_URL, ENCODERS, KV_SOURCE, DATA_PARALLEL, "host", "content-length", "expect");

    /** SGLang takes orders from these (srt/entrypoints/request_headers.py). */
    private static final String OVERRIDE = "x-override-";

    private Headers() {}

    /** The client's headers for the decoder when the request passes unread. */
    static HttpHeaders toEngine(HttpHeaders client) {
        return copy(client, Headers::isForEngines, Map.of());
    }

    /** The client's headers for a leg, and in the place of some of them what is set. */
    static HttpHeaders toEngine(HttpHeaders client, Map<String, String> set) {
        return copy(client, name -> isForEngines(name) && !set.containsKey(name), set);
    }

    /** As {@link #toEngine(HttpHeaders, Map)}, for an answer that is read here, and so must not be compressed. */
    static HttpHeaders toEngineReadHere(HttpHeaders client, Map<String, String> set) {
        return copy(client, name -> isForEngines(name) && !name.equals(ACCEPT_ENCODING) && !set.containsKey(name), set);
    }

    /** An engine's headers for the client. */
    static HttpHeaders toClient(HttpHeaders engine, Map<String, String> set) {
        // RFC 9112 section 6.3: the coding overrides a length, which would only misframe what goes on.
        boolean coded = first(engine, "transfer-encoding") != null;
        return copy(engine, name -> !set.containsKey(name) && !(coded && name.equals("content-length")), set);
    }

    static HttpHeaders withoutLength(HttpHeaders headers) {
        return HttpHeaders.of(headers.map(), (name, value) -> !name.equalsIgnoreCase("content-length"));
    }

    static boolean isEventStream(HttpHeaders headers) {
        return hasType(headers, "text/event-stream");
    }

    /** Whether the content is of a type, whatever parameters that has. */
    static boolean hasType(HttpHeaders headers, String type) {
        String content = first(headers, "content-type");
        return content != null && content.regionMatches(true, 0, type, 0, type.length());
    }

    /** A header's first value. */
    static @Nullable String first(HttpHeaders headers, String name) {
        List<String> values = headers.map().get(name);
        return values == null || values.isEmpty() ? null : values.getFirst();
    }

    static HttpHeaders of(Map<String, List<String>> map) {
        return HttpHeaders.of(map, (name, value) -> true);
    }

    private static boolean isForEngines(String name) {
        return !NEVER_TO_AN_ENGINE.contains(name) && !name.startsWith(OVERRIDE);
    }

    private static HttpHeaders copy(HttpHeaders from, Predicate<String> keep, Map<String, String> set) {
        Map<String, List<String>> to = new LinkedHashMap<>();
        Set<String> named = namedByConnection(from);
        from.map().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(lower) && !named.contains(lower) && keep.test(lower)) {
                to.put(name, values);
            }
        });
        set.forEach((name, value) -> to.put(name, List.of(value)));
        return of(to);
    }

    private static Set<String> namedByConnection(HttpHeaders headers) {
        List<String> values = headers.allValues("connection");
        if (values.isEmpty()) {
            return Set.of();
        }
        Set<String> names = new HashSet<>();
        values.forEach(value -> list(value).forEach(name -> names.add(name.toLowerCase(Locale.ROOT))));
        return names;
    }

    /** The entries of a comma separated list, without blanks around them, empty ones left out. */
    static List<String> list(String value) {
        List<String> entries = new ArrayList<>();
        for (String entry : value.split(",", -1)) {
            String trimmed = entry.strip();
            if (!trimmed.isEmpty()) {
                entries.add(trimmed);
            }
        }
        return entries;
    }
}
