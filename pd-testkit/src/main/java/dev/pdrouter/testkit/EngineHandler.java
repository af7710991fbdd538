package dev.pdrouter.testkit;

import java.io.IOException;

/** Answers the calls of an {@link Engine}. */
@FunctionalInterface
public interface EngineHandler {

    /**
     * Answers one call, on a virtual thread of its own.
     *
     * <p>A handler that returns without a whole answer has its connection closed.
     *
     * @param call what was asked, and how to answer
     * @throws IOException when the peer is gone; that is nobody's failure
     * @throws InterruptedException when the engine is closed
     */
    void handle(EngineCall call) throws IOException, InterruptedException;
}
