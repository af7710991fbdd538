package dev.pdrouter.internal;

import java.net.http.HttpHeaders;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** The {@code x-request-id} of both legs. */
final class RequestId {

    private static final int MAX_LENGTH = 128;

    private RequestId() {}

    /** The client's own if engines can live with it, otherwise a new one. */
    static String of(HttpHeaders headers) {
        String own = Headers.first(headers, Headers.REQUEST_ID);
        return own != null && isSafe(own) ? own : fresh();
    }

    /**
     * vLLM's NIXL heartbeats list ids between commas, and MoRI-IO reads an address to connect to from what follows
     * {@code ___prefill_addr_}.
     */
    private static boolean isSafe(String id) {
        if (id.isEmpty() || id.length() > MAX_LENGTH || id.contains("___")) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == ',') {
                return false;
            }
        }
        return true;
    }

    private static String fresh() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = random.nextLong() & ~0xf000L | 0x4000L;
        long low = random.nextLong() & 0x3fff_ffff_ffff_ffffL | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }
}
