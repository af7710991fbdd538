package dev.pdrouter.connector;

import dev.pdrouter.GenerationApi;
import java.util.Set;

/** Stub. */
public final class TransferParams {
    private TransferParams() {}

    /**
     * Stub.
     *
     * @param api stub
     * @param body stub
     * @param reserved stub
     * @return stub
     */
    public static JsonBody removeFrom(GenerationApi api, JsonBody body, Set<String> reserved) {
        return body;
    }
}
