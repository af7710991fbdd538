package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the JDK's server read from, and write to, streams of ours, where the JVM opens it to us; elsewhere it does with its
 * own.
 *
 * <p>The server hands each request to its executor before it has read a byte of it, and makes a new connection's streams
 * only then, unless the connection has some already.
 */
final class ClientStreams implements Executor {

    private static final Logger LOG = LoggerFactory.getLogger(ClientStreams.class);

    private final Executor threads;
    private final HttpContext context;
    private final @Nullable SSLContext tls;
    private final boolean open;

    private ClientStreams(Executor threads, HttpContext context, @Nullable SSLContext tls, boolean open) {
        this.threads = threads;
        this.context = context;
        this.tls = tls;
        this.open = open;
    }

    /**
     * Streams that stand before a server's only handler.
     *
     * @param server which has this for its executor
     * @param context of the handler
     * @param tls what the server serves HTTPS with, if it does
     * @param threads runs the exchanges
     */
    static ClientStreams before(HttpServer server, HttpContext context, @Nullable SSLContext tls, Executor threads) {
        return new ClientStreams(threads, context, tls, isOpen(server));
    }

    private static boolean isOpen(HttpServer server) {
        try {
            MethodHandles.lookup().ensureInitialized(ServerInternals.class);
            return server.getClass().getName().startsWith("sun.net.httpserver.");
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            LOG.warn("heads of requests are read as kindly as the JDK's server reads them, since {}", e.toString());
            return false;
        }
    }

    @Override
    public void execute(Runnable exchange) {
        threads.execute(() -> {
            begin(exchange);
            exchange.run();
        });
    }

    /** What a client sends; empty when the server has it read by streams of its own. */
    Optional<ClientInput> input(HttpExchange exchange) {
        try {
            return open && ServerInternals.INPUT.invoke(ServerInternals.connection(exchange)) instanceof ClientInput in
                    ? Optional.of(in)
                    : Optional.empty();
        } catch (Throwable e) {
            return Optional.empty();
        }
    }

    /** What a client is sent; empty when the server has it written by streams of its own. */
    Optional<ClientOutput> output(HttpExchange exchange) {
        try {
            return open
                            && ServerInternals.OUTPUT.invoke(ServerInternals.connection(exchange))
                                    instanceof ClientOutput out
                    ? Optional.of(out)
                    : Optional.empty();
        } catch (Throwable e) {
            return Optional.empty();
        }
    }

    private void begin(Runnable exchange) {
        if (!open) {
            return;
        }
        try {
            Object connection = ServerInternals.CONNECTION_TO_SERVE.invoke(exchange);
            if (ServerInternals.CONTEXT.invoke(connection) == null) {
                install(connection);
            }
            if (ServerInternals.INPUT.invoke(connection) instanceof ClientInput in) {
                in.beginHead();
            }
        } catch (Throwable e) {
            LOG.debug("the server makes a connection's streams itself", e); // also when the socket is gone
        }
    }

    /** Does as the server does for a new connection. */
    private void install(Object connection) throws Throwable {
        SocketChannel channel = (SocketChannel) ServerInternals.CHANNEL.invoke(connection);
        Object streams = tls == null
                ? null
                : ServerInternals.NEW_TLS.invoke(ServerInternals.SERVER.invoke(context), tls, channel);
        InputStream source = streams == null
                ? ChannelStreams.input(channel)
                : (InputStream) ServerInternals.TLS_INPUT.invoke(streams);
        OutputStream sink = streams == null
                ? ChannelStreams.output(channel)
                : (OutputStream) ServerInternals.TLS_OUTPUT.invoke(streams);
        SSLEngine engine = streams == null ? null : (SSLEngine) ServerInternals.TLS_ENGINE.invoke(streams);
        ClientInput in = new ClientInput(source);
        ClientOutput out = new ClientOutput(new BufferedOutputStream(sink), in, channel);
        String protocol = streams == null ? "http" : "https";
        ServerInternals.SET_PARAMETERS.invoke(
                connection, in, out, channel, engine, streams, tls, protocol, context, (InputStream) in);
    }
}
