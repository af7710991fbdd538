package dev.pdrouter.testkit;

import java.io.IOException;
import java.time.Duration;

/** What an SGLang engine can differ in. */
public final class SglangBuilder {
    final KvRole role;
    Pace pace = Pace.none();
    Duration patience = Duration.ofSeconds(300);
    Duration idleTimeout = Duration.ofSeconds(5);

    SglangBuilder(KvRole role) {
        this.role = role;
    }

    /**
     * Sets how fast the engine computes.
     *
     * @param tokens as fast as it can when not set
     * @return this
     */
    public SglangBuilder pace(Pace tokens) {
        pace = tokens;
        return this;
    }

    /**
     * Sets how long an engine waits for the other in a room.
     *
     * @param timeout 300 s when not set; then the request is a 500
     * @return this
     */
    public SglangBuilder patience(Duration timeout) {
        patience = timeout;
        return this;
    }

    /**
     * Sets how long a connection is kept after an answer.
     *
     * @param timeout 5 s when not set, as uvicorn has it
     * @return this
     */
    public SglangBuilder idleTimeout(Duration timeout) {
        idleTimeout = timeout;
        return this;
    }

    /**
     * Starts the engine, on a free port.
     *
     * @return the engine, listening
     * @throws IOException when it cannot listen
     */
    public SglangEngine start() throws IOException {
        SglangEngine engine = new SglangEngine(this);
        engine.open();
        return engine;
    }
}
