package dev.pdrouter;

import dev.pdrouter.internal.http.EngineClient;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 over pooled sockets.
 *
 * <p>To be called from virtual threads: a blocked read of a platform thread does not notice an interrupt.
 *
 * <p>A connection that was idle for more than 4 s is not used again, since uvicorn closes it after 5 s. A request whose
 * body can be repeated is sent once more if the engine had closed the pooled connection before the request was whole.
 * A body that cannot be repeated and that is long, or of unknown length, is sent by a second virtual thread, since an
 * engine may answer before it has read it; when the answer ends first, the connection is dropped, and with it the rest
 * of the body.
 */
public final class SocketTransport implements Transport, AutoCloseable {

    private final EngineClient client;

    SocketTransport(Builder builder) {
        this.client = new EngineClient(
                builder.connectTimeout,
                builder.maxIdle,
                builder.tls,
                builder.clock,
                builder.carriesStreams,
                builder.arrivals);
    }

    /**
     * Begins a transport.
     *
     * @return a builder with the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@inheritDoc}
     *
     * <p>What the request's headers say about {@code Host}, {@code Connection}, {@code Upgrade}, {@code Content-Length}
     * and {@code Transfer-Encoding} is not sent.
     *
     * @throws IllegalArgumentException when the method, the target or a header holds what would end its line, other
     *     control characters, or characters that are not Latin-1
     */
    @Override
    public EngineResponse send(EngineRequest request) throws IOException, InterruptedException {
        return client.send(request);
    }

    /** @return connections that exist, idle or not */
    int openConnections() {
        return client.openConnections();
    }

    /** Closes the connections that are idle; those in use are closed when their exchange ends. */
    @Override
    public void close() {
        client.close();
    }

    /** How engines are reached. */
    public static final class Builder {

        private Duration connectTimeout = Duration.ofSeconds(2);
        private int maxIdle = 1024;
        private @Nullable SSLContext tls;
        private LongSupplier clock = System::nanoTime;
        private boolean carriesStreams;
        private Arrivals arrivals = Arrivals.NONE;

        Builder() {}

        /**
         * Bounds the making of each connection, the TLS handshake included.
         *
         * @param timeout 2 s when not set, zero for none
         * @return this
         */
        public Builder connectTimeout(Duration timeout) {
            if (timeout.isNegative()) {
                throw new IllegalArgumentException("the timeout is negative");
            }
            this.connectTimeout = timeout;
            return this;
        }

        /**
         * Bounds the idle connections; those beyond are closed.
         *
         * @param connections kept for each engine; 1024 when not set, 0 for none
         * @return this
         */
        public Builder maxIdleConnectionsPerHost(int connections) {
            if (connections < 0) {
                throw new IllegalArgumentException("the number of connections is negative");
            }
            this.maxIdle = connections;
            return this;
        }

        /**
         * Makes the connections TLS, with the engine's host name checked by the context's trust managers.
         *
         * @param context whom to trust, and what to show
         * @return this
         */
        public Builder tls(SSLContext context) {
            this.tls = context;
            return this;
        }

        /**
         * Has token streams carried by threads that serve many at once, when the client's side can tell whether it
         * keeps up, as {@code JdkServer} does. A token costs about half as much then. For decoders: after an interrupt
         * such a transport drops its connection at once, and hears no engine out.
         *
         * @return this
         */
        public Builder carryingStreams() {
            this.carriesStreams = true;
            return this;
        }

        /**
         * Has answers waited for by an event loop. Connections with TLS are not.
         *
         * @param loop {@link Arrivals#NONE} when not set
         * @return this
         */
        public Builder arrivals(Arrivals loop) {
            this.arrivals = loop;
            return this;
        }

        Builder clock(LongSupplier nanos) {
            this.clock = nanos;
            return this;
        }

        /**
         * Builds it.
         *
         * @return a transport without connections
         */
        public SocketTransport build() {
            return new SocketTransport(this);
        }
    }
}
