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
     * <p>Interrupting the calling thread, here or while it reads the body, drops the connection at once; this is how
     * engines learn that nobody waits any more.
     *
     * <p>A request that asks to {@linkplain EngineRequest#hearOut() hear the engine out} is left in another way, by
     * transports that can: they shut down their sending side at once, from which the engine learns the same, and read on
     * for that long. An answer that comes in time is returned like any other, and the thread's interrupt status is set
     * again. When none comes, or the transport cannot do so, the connection is dropped with an
     * {@link InterruptedException}. A wrapper passes the request's wish on, and so keeps what the transport within it
     * can.
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
