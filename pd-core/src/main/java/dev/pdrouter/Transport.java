package dev.pdrouter;

import java.io.IOException;

/**
 * How engines are reached: one exchange a call, over HTTP/1.1.
 *
 * <p>Wrap one to add tracing, another client or credentials. Called by many threads at once.
 */
@FunctionalInterface
public interface Transport {

    /**
     * Sends a request and waits for the head of the answer.
     *
     * <p>Interrupting the calling thread, here or while it reads the body, drops the connection at once.
     *
     * @param request what to send
     * @return the answer; to be closed, or read to its end
     * @throws java.net.ConnectException when no connection could be made
     * @throws java.net.SocketTimeoutException when connecting took too long
     * @throws IOException when the exchange broke off
     * @throws InterruptedException when the thread was interrupted
     */
    EngineResponse send(EngineRequest request) throws IOException, InterruptedException;
}
