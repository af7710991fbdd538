package dev.pdrouter;

import java.net.Socket;
import java.util.Optional;

/**
 * Waits for engines' answers in place of a transport: for a server with an event loop, whose thread can wait for its
 * clients and for the engines at once.
 *
 * <p>Only the first byte of an answer is waited for so, which is where an engine computes; the rest is read as usual. What
 * is told too much costs time: the transport then reads, and waits for itself. What is told too little is a request that
 * hangs until its deadline, so whoever cannot go on watching has to end every wait.
 *
 * <p>Used by many threads at once. A transport must not outlive the loop that it was given: threads of its own, which it
 * starts while it runs on the loop, would end with it.
 */
@FunctionalInterface
public interface Arrivals {

    /** Watches nothing: threads wait for themselves. */
    Arrivals NONE = socket -> Optional.empty();

    /**
     * Begins to watch a connection over which nothing has been received yet. Throws nothing.
     *
     * @param socket connected, without TLS; stays the transport's, which closes it after the result
     * @return empty when this one cannot be watched
     */
    Optional<Arrival> watch(Socket socket);

    /** A connection that is watched. One thread at a time waits; none of the methods throws. */
    interface Arrival extends AutoCloseable {

        /**
         * Waits until bytes have come, or the peer has closed its side, since the last {@link #forget}. Ends too when
         *
         * <ul>
         *   <li>the thread is interrupted, which it still is afterwards,
         *   <li>this is closed, by any thread,
         *   <li>nothing can be watched any more.
         * </ul>
         */
        void await();

        /** Somebody else waits for what comes until {@link #forget}: nothing needs to be told. */
        void pause();

        /** All that had come has been read; from now on it counts what comes. That the peer has closed is not forgotten. */
        void forget();

        /** Stops watching, and ends an {@link #await}. */
        @Override
        void close();
    }
}
