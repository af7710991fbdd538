package dev.pdrouter;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpHeaders;

/**
 * Where the answer to a request goes.
 *
 * <p>Called at most once for each request, from the thread that handles it or, while that one still reads the body of a
 * client that stalled, from another.
 */
@FunctionalInterface
public interface Responder {

    /**
     * Begins the answer.
     *
     * <p>The headers hold {@code Content-Length} when the length is known; without it the body is sent in chunks. To a
     * {@code HEAD}, and with 204 and 304, the router writes no body. The router flushes the stream whenever something
     * has to reach the client, and closes it if and only if the answer is whole: a stream that was begun and is not
     * closed when {@link PdRouter#handle} has thrown is a cut answer, and the connection must be dropped so that the
     * client sees that.
     *
     * @param status from 200 to 599
     * @param headers end-to-end headers only
     * @return where the body goes, unbuffered but for what a flush sends
     * @throws IOException when the client is gone
     */
    OutputStream begin(int status, HttpHeaders headers) throws IOException;

    /**
     * Says what is to be run when the client leaves, from any thread, once: the way to tell the router that is better
     * than an interrupt, since a client that leaves just when an engine must not be disturbed is acted upon a moment
     * later, and what a prefiller computed is not lost to everybody.
     *
     * <p>Called on the thread that handles the request, before {@link #begin}. What is given may be run at once, and does
     * nothing after the request has ended. An implementation that does nothing with it interrupts the thread instead.
     *
     * @param left to be run
     */
    default void onLeave(Runnable left) {}
}
