package dev.pdrouter;

import java.time.Duration;
import java.util.function.IntSupplier;
import javax.net.ssl.SSLContext;

/** The transports that the library brings, for tests that hold for both. */
enum TransportKind {
    SOCKETS {
        @Override
        Running start(SSLContext tls, Duration connectTimeout) {
            SocketTransport.Builder builder = SocketTransport.builder().connectTimeout(connectTimeout);
            SocketTransport transport = (tls == null ? builder : builder.tls(tls)).build();
            return new Running(transport, transport::close, transport::openConnections);
        }
    },
    HTTP_CLIENT {
        @Override
        Running start(SSLContext tls, Duration connectTimeout) {
            HttpClientTransport.Builder builder = HttpClientTransport.builder().connectTimeout(connectTimeout);
            HttpClientTransport transport = (tls == null ? builder : builder.tls(tls)).build();
            return new Running(transport, transport::close, () -> UNTOLD);
        }
    };

    private static final int UNTOLD = -1;

    /** A new transport; without TLS when there is no context. */
    abstract Running start(SSLContext tls, Duration connectTimeout);

    Running start(SSLContext tls) {
        return start(tls, Duration.ofSeconds(2));
    }

    Running start() {
        return start(null);
    }

    /** A transport that is closed after the test. */
    record Running(Transport transport, Runnable whenClosed, IntSupplier open) implements Transport, AutoCloseable {

        @Override
        public EngineResponse send(EngineRequest request) throws java.io.IOException, InterruptedException {
            return transport.send(request);
        }

        /** Fails when it has another number of connections, if it tells. */
        void assertOpenConnections(int count) {
            int told = open.getAsInt();
            if (told != UNTOLD && told != count) {
                throw new AssertionError(told + " open connections instead of " + count);
            }
        }

        /** Fails when the engine saw another number of connections; java.net.http hands one back only a moment later. */
        void assertConnectionsMade(RawEngine engine, int count) {
            if (open.getAsInt() != UNTOLD && engine.connections() != count) {
                throw new AssertionError(engine.connections() + " connections were made instead of " + count);
            }
        }

        @Override
        public void close() {
            whenClosed.run();
        }
    }
}
