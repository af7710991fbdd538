package dev.pdrouter.connector;

import dev.pdrouter.GenerationApi;
import java.util.Optional;

/** The requests that must not be disaggregated. */
final class Bypass {
    private Bypass() {}

    static Optional<String> reason(GenerationApi api, JsonBody body) {
        return Optional.empty();
    }
}
