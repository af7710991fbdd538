package dev.pdrouter.internal.http;

import dev.pdrouter.Arrivals;
import dev.pdrouter.Body;
import dev.pdrouter.EngineRequest;
import dev.pdrouter.EngineResponse;
import dev.pdrouter.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Sends requests over pooled connections, and once more when a pooled one turns out to have been closed. */
public final class EngineClient {

    /** Looking takes up to a millisecond: under load, when connections rest for less, only silent closers are looked at. */
    private static final long DOUBTFUL_NANOS = Duration.ofMillis(50).toNanos();

    private final ConnectionPool pool;
    private final StreamPumps pumps = new StreamPumps();
    private final Set<Target> closesSilently = ConcurrentHashMap.newKeySet();

    /**
     * A client without connections.
     *
     * @param connectTimeout for each connection, TLS included; zero for none
     * @param maxIdlePerEngine connections kept
     * @param tls null for plain connections
     * @param clock nanoseconds, from any origin
     * @param carriesStreams whether streams can be carried by a {@link StreamPump}; then no engine is heard out
     * @param arrivals waits for the answers
     */
    public EngineClient(
            Duration connectTimeout,
            int maxIdlePerEngine,
            @Nullable SSLContext tls,
            LongSupplier clock,
            boolean carriesStreams,
            Arrivals arrivals) {
        this.pool =
                new ConnectionPool(new Dialer(connectTimeout, tls, carriesStreams, arrivals), maxIdlePerEngine, clock);
    }

    /**
     * Sends a request; the contract is {@link dev.pdrouter.Transport#send}'s.
     *
     * @param request what to send
     * @return the answer
     * @throws RequestBodyException when the request's body could not be read
     * @throws IOException when the exchange broke off
     * @throws InterruptedException when the thread was interrupted
     */
    public EngineResponse send(EngineRequest request) throws IOException, InterruptedException {
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return exchange(readFirst(request));
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw (InterruptedException) new InterruptedException().initCause(e);
            }
            throw e;
        }
    }

    private EngineResponse exchange(EngineRequest request) throws IOException {
        Connection pooled = pool.take(request.engine());
        if (pooled != null) {
            boolean doubtful = pool.nanosIdle(pooled) >= DOUBTFUL_NANOS || closesSilently.contains(request.engine());
            if (!doubtful || isUsable(pooled, request.body())) {
                try {
                    return new Call(pool, pumps, pooled)
                            .send(request, doubtful && request.body().isRepeatable());
                } catch (StaleConnectionException e) {
                    // Nothing was done about it.
                } catch (IOException e) {
                    if (!(e instanceof RequestBodyException)
                            && !Thread.currentThread().isInterrupted()) {
                        // Perhaps it closes idle connections without a word: look at them from now on.
                        closesSilently.add(request.engine());
                    }
                    throw e;
                }
            }
        }
        return new Call(pool, pumps, pool.dial(request.engine())).send(request, false);
    }

    /** A body that cannot be sent twice is not risked on a connection that was closed. */
    private static boolean isUsable(Connection connection, Body body) throws IOException {
        boolean usable = false;
        try {
            usable = !connection.hasUnread()
                    && (body.isRepeatable()
                            || !connection.isEnded() && connection.input().available() == 0);
        } finally {
            if (!usable) {
                connection.close();
            }
        }
        return usable;
    }

    private static EngineRequest readFirst(EngineRequest request) throws IOException {
        Body body = request.body();
        Body read = BytesBody.readIfShort(body);
        return read == body ? request : request.withBody(read);
    }

    /**
     * How many connections exist.
     *
     * @return idle ones too
     */
    public int openConnections() {
        return pool.open();
    }

    /** Closes the idle connections now, and the others when they would become idle. */
    public void close() {
        pumps.close();
        pool.close();
    }
}
