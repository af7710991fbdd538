package dev.pdrouter;

import dev.pdrouter.internal.httpclient.JdkExchange;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 over the JDK's own client, {@code java.net.http}: what a router uses that is given no transport.
 *
 * <p>{@link SocketTransport} does more and costs less; prefer it where engines run under load. What the JDK's client
 * cannot do, and so does not happen here:
 *
 * <ul>
 *   <li>It does not show which connection a request goes out on. A {@code POST} that meets a connection in the very
 *       moment in which the engine closes it fails, for nobody can prove that the engine had not begun it; and it keeps
 *       connections for 30 s where uvicorn closes them after 5. {@code -Djdk.httpclient.keepalive.timeout=4}, which is
 *       for the whole JVM, makes that rarer. Likewise the number of idle connections is a property of the JVM.
 *   <li>It hears nothing before a request's whole body is sent: an engine's early refusal of a long body may be lost in
 *       a reset, and one that answers while it still reads waits.
 *   <li>A connection cannot be closed in one direction only: an engine that is to be {@linkplain
 *       EngineRequest#hearOut() heard out} is dropped at once, and what it may have answered is lost.
 *   <li>Of a name with several addresses the first is tried, and looking it up is bounded by the system alone.
 *   <li>{@code User-Agent} is added to requests without one. Names of an answer's headers come in lower case.
 *   <li>What {@link java.net.URI} does not take cannot be sent: some targets are an
 *       {@link IllegalArgumentException}, as is a header beyond ASCII, and a host name with {@code _} is a
 *       {@link java.net.ConnectException}. An empty query loses its question mark, and a target in absolute-form is sent
 *       in origin-form.
 *   <li>It is more lenient with what is not quite HTTP than RFC 9112 allows.
 * </ul>
 */
public final class HttpClientTransport implements Transport, AutoCloseable {

    private final HttpClient client;
    private final JdkExchange exchanges;

    private HttpClientTransport(Builder builder) {
        HttpClient.Builder building = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                // Nothing of ours blocks there, and a hop to another thread costs more than all of it; handshakes do.
                .executor(builder.tls == null ? Runnable::run : Thread::startVirtualThread);
        if (!builder.connectTimeout.isZero()) {
            building.connectTimeout(builder.connectTimeout);
        }
        if (builder.tls != null) {
            building.sslContext(builder.tls);
        }
        this.client = building.build();
        this.exchanges = new JdkExchange(client, builder.tls == null ? "http" : "https");
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
     * <p>What the request's headers say about {@code Host}, {@code Connection}, {@code Upgrade}, {@code Expect},
     * {@code Content-Length} and {@code Transfer-Encoding} is not sent.
     *
     * @throws IllegalArgumentException when the method, the target or a header cannot be sent as it is
     */
    @Override
    public EngineResponse send(EngineRequest request) throws IOException, InterruptedException {
        return exchanges.send(request);
    }

    /** Closes the connections that are idle; those in use are closed when their exchange ends. */
    @Override
    public void close() {
        client.shutdown();
    }

    /** How engines are reached. */
    public static final class Builder {

        private Duration connectTimeout = Duration.ofSeconds(2);
        private @Nullable SSLContext tls;

        private Builder() {}

        /**
         * Bounds the making of each connection.
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
         * Builds it.
         *
         * @return a transport without connections, with a thread of its own until it is closed
         */
        public HttpClientTransport build() {
            return new HttpClientTransport(this);
        }
    }
}
