package dev.pdrouter.testkit;

import java.time.Duration;

/** How fast a {@link VllmEngine} computes. */
@FunctionalInterface
public interface Pace {

    /**
     * Waits until a token is due.
     *
     * <p>Token 0 is computed by prefill. When the peer leaves meanwhile, the engine gives the request up as soon as this
     * returns.
     *
     * @param call the request
     * @param token counted from 0
     * @throws InterruptedException when the engine is closed
     */
    void await(EngineCall call, int token) throws InterruptedException;

    /**
     * As fast as the machine allows.
     *
     * @return the pace
     */
    static Pace none() {
        return (call, token) -> {};
    }

    /**
     * The same time for each token, cut short when the peer leaves.
     *
     * @param interval before each token
     * @return the pace
     */
    static Pace every(Duration interval) {
        return (call, token) -> call.goneWithin(interval);
    }
}
