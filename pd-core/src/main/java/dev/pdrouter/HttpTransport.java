package dev.pdrouter;

import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/** HTTP/1.1 over pooled sockets. */
public final class HttpTransport implements Transport, AutoCloseable {

    HttpTransport(Builder builder) {}

    /** @return a builder with the defaults */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public EngineResponse send(EngineRequest request) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}

    /** How engines are reached. */
    public static final class Builder {
        Builder() {}

        /** @param timeout for each connection; 2 s when not set, zero for none @return this */
        public Builder connectTimeout(Duration timeout) {
            return this;
        }

        /** @param connections kept for each engine; 1024 when not set @return this */
        public Builder maxIdleConnectionsPerHost(int connections) {
            return this;
        }

        /** @param context makes the connections TLS, with the engine's host name checked @return this */
        public Builder tls(SSLContext context) {
            return this;
        }

        /** @return the transport */
        public HttpTransport build() {
            return new HttpTransport(this);
        }
    }
}
