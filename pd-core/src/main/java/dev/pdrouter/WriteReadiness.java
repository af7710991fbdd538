package dev.pdrouter;

/**
 * Tells whether a write would have to wait: optional, for the stream that a {@link Responder} returns.
 *
 * <p>Where the stream of an answer can tell, its tokens may be carried by a thread that serves many clients at once, which
 * costs less; one that cannot has its request's own thread write them, which may wait for a slow client.
 */
@FunctionalInterface
public interface WriteReadiness {

    /**
     * Whether a few KiB can be written and flushed now without waiting for the client to read.
     *
     * <p>Called by another thread than the request's, which then writes and flushes too; never at the same time as it.
     *
     * @return false when that would wait, or nobody knows
     */
    boolean isWritable();
}
