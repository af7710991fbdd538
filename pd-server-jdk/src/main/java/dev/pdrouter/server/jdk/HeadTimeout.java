package dev.pdrouter.server.jdk;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Gives up clients that begin a request, or a TLS handshake, and do not come to the end of its head, for which the JDK's
 * server would wait for ever.
 *
 * <p>The server hands a connection to its executor when the first byte of a request is there. From then on the thread may
 * wait for the client so long, or is interrupted, which closes the connection; the handler calls it off.
 */
final class HeadTimeout implements Executor, AutoCloseable {

    private static final long TICKS = 4;

    private final Executor threads;
    private final long nanos;
    private final Map<Thread, Long> reading = new ConcurrentHashMap<>();
    private final Thread sweeper;

    private HeadTimeout(Executor threads, Duration timeout) {
        this.threads = threads;
        this.nanos = timeout.isZero() ? Long.MAX_VALUE : timeout.toNanos();
        this.sweeper = Thread.ofVirtual().name("pd-router-head-timeout").unstarted(this::sweep);
    }

    /**
     * Starts to watch.
     *
     * @param threads runs the exchanges
     * @param timeout how long a head may take; zero for any time
     */
    static HeadTimeout start(Executor threads, Duration timeout) {
        HeadTimeout heads = new HeadTimeout(threads, timeout);
        heads.sweeper.start();
        return heads;
    }

    @Override
    public void execute(Runnable exchange) {
        threads.execute(() -> {
            Thread thread = Thread.currentThread();
            reading.put(thread, System.nanoTime());
            try {
                exchange.run();
            } finally {
                reading.remove(thread);
            }
        });
    }

    /** The calling thread, which handles an exchange, has the whole head. */
    void complete() {
        reading.remove(Thread.currentThread());
    }

    private void sweep() {
        try {
            while (true) {
                Thread.sleep(Duration.ofNanos(
                        Math.min(nanos, Duration.ofSeconds(TICKS).toNanos()) / TICKS));
                long now = System.nanoTime();
                reading.forEach((thread, since) -> {
                    if (now - since > nanos && reading.remove(thread, since)) {
                        thread.interrupt();
                    }
                });
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    @Override
    public void close() {
        sweeper.interrupt();
    }
}
