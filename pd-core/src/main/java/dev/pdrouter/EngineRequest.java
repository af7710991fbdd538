package dev.pdrouter;

import java.net.http.HttpHeaders;
import java.time.Duration;

/**
 * A request to an engine.
 *
 * @param method for instance {@code POST}
 * @param engine whom it goes to
 * @param target the request-target, sent as it is
 * @param headers end-to-end headers, without {@code Host}, {@code Content-Length} and {@code Transfer-Encoding}, which
 *     the transport writes
 * @param body what is sent
 * @param hearOut how long to read on after an interrupt for an answer that may be on its way, having told the engine by
 *     a half-close that nobody waits; zero to drop the connection at once. What is in that answer may have to be given
 *     back, as the blocks that a prefiller keeps
 */
public record EngineRequest(
        String method, Target engine, String target, HttpHeaders headers, Body body, Duration hearOut) {

    /**
     * A request whose connection is dropped at once by an interrupt.
     *
     * @param method for instance {@code POST}
     * @param engine whom it goes to
     * @param target the request-target, sent as it is
     * @param headers end-to-end headers
     * @param body what is sent
     */
    public EngineRequest(String method, Target engine, String target, HttpHeaders headers, Body body) {
        this(method, engine, target, headers, body, Duration.ZERO);
    }

    /**
     * This request with another body.
     *
     * @param other what is sent
     * @return the request
     */
    public EngineRequest withBody(Body other) {
        return new EngineRequest(method, engine, target, headers, other, hearOut);
    }

    /**
     * This request, whose engine is heard out after an interrupt.
     *
     * @param patience how long
     * @return the request
     */
    public EngineRequest heardOutFor(Duration patience) {
        return new EngineRequest(method, engine, target, headers, body, patience);
    }
}
