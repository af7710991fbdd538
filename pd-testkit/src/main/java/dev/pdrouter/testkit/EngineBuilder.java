package dev.pdrouter.testkit;

import java.io.IOException;
import java.time.Duration;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;

/** What an engine can differ in. */
public final class EngineBuilder {
    final EngineHandler handler;
    ServerSocketFactory sockets = ServerSocketFactory.getDefault();
    boolean streamBodies;
    Duration idleTimeout = Duration.ofSeconds(5);
    int port;

    EngineBuilder(EngineHandler handler) {
        this.handler = handler;
    }

    /**
     * Sets the port.
     *
     * @param number from 1 to 65535; 0, any free one, when not set
     * @return this
     */
    public EngineBuilder port(int number) {
        port = number;
        return this;
    }

    /**
     * Leaves bodies to the handler, which gets each call as soon as its head has come.
     *
     * @return this
     */
    public EngineBuilder streamBodies() {
        streamBodies = true;
        return this;
    }

    /**
     * Sets how long a connection is kept after an answer.
     *
     * @param timeout 5 s when not set
     * @return this
     */
    public EngineBuilder idleTimeout(Duration timeout) {
        idleTimeout = timeout;
        return this;
    }

    /**
     * Speaks TLS.
     *
     * @param context with the engine's certificate
     * @return this
     */
    public EngineBuilder tls(SSLContext context) {
        sockets = context.getServerSocketFactory();
        return this;
    }

    /**
     * Starts the engine.
     *
     * @return the engine, listening
     * @throws IOException when it cannot listen
     */
    public Engine start() throws IOException {
        return new Engine(this);
    }
}
