package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import java.lang.invoke.MethodHandles;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that a client left, which the JDK's server does not while it waits for a handler.
 *
 * <p>Every connection is registered once, edge-triggered, with an epoll set of our own for the event that the peer
 * closed; then a request costs no system call. A connection whose peer only shuts its sending side down counts as left,
 * as in Go's server and nginx.
 */
final class ClientWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClientWatch.class);

    /** One request's client. */
    interface Watched extends AutoCloseable {
        /** Runs it when the client leaves, or now when it has left. */
        void onLeave(Runnable left);

        /** Whether the client is known to have left. */
        boolean isGone();

        /** Stops watching: nothing is run any more. */
        @Override
        void close();
    }

    private static final Watched UNWATCHED = new Watched() {
        @Override
        public void onLeave(Runnable left) {}

        @Override
        public boolean isGone() {
            return true;
        }

        @Override
        public void close() {}
    };

    private final @Nullable Epoll epoll;
    private final Map<Integer, Connection> byDescriptor = new ConcurrentHashMap<>();

    private ClientWatch(@Nullable Epoll epoll) {
        this.epoll = epoll;
    }

    /** Starts watching with what this JVM allows. */
    static ClientWatch start() {
        try {
            Epoll epoll = Epoll.open();
            MethodHandles.lookup().ensureInitialized(ServerInternals.class);
            ClientWatch watch = new ClientWatch(epoll);
            Thread.ofPlatform().name("pd-router-client-watch").daemon().start(() -> epoll.run(watch::closedByPeer));
            return watch;
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            LOG.warn("clients that leave are noticed only when an answer is written to them, since {}", e.toString());
            return new ClientWatch(null);
        }
    }

    /** The socket that an exchange came over, where this JVM shows it. */
    Optional<SocketChannel> channel(HttpExchange exchange) {
        return epoll == null ? Optional.empty() : Optional.of(ServerInternals.channel(exchange));
    }

    /** The first line of a request, where this JVM shows it. */
    Optional<String> requestLine(HttpExchange exchange) {
        return epoll == null ? Optional.empty() : Optional.of(ServerInternals.requestLine(exchange));
    }

    /** Watches the client of an exchange until the result is closed. */
    Watched watch(HttpExchange exchange) {
        if (epoll == null) {
            return UNWATCHED;
        }
        SocketChannel channel = ServerInternals.channel(exchange);
        int descriptor = JdkInternals.descriptor(channel);
        Connection connection = byDescriptor.get(descriptor);
        if (connection == null || connection.channel != channel) {
            connection = new Connection(epoll, channel);
            byDescriptor.put(descriptor, connection);
            epoll.add(descriptor);
        }
        return connection;
    }

    /** Whether a few KiB can be written to a client without waiting; false when nobody knows. */
    boolean isWritable(SocketChannel client) {
        return epoll != null && epoll.isWritable(client);
    }

    private void closedByPeer(int descriptor) {
        Connection connection = byDescriptor.get(descriptor);
        if (connection == null || epoll == null) {
            return;
        }
        // The descriptor may serve another connection by now: ask the one that has it.
        if (!connection.channel.isOpen()) {
            byDescriptor.remove(descriptor, connection);
        } else if (epoll.isClosedByPeer(connection.channel)) {
            byDescriptor.remove(descriptor, connection);
            connection.gone();
        }
    }

    @Override
    public void close() {
        if (epoll != null) {
            epoll.close();
        }
    }

    /** A client's connection, over which one request after the other comes. */
    private static final class Connection implements Watched {
        private final Epoll epoll;
        private final SocketChannel channel;
        private final AtomicReference<@Nullable Runnable> left = new AtomicReference<>();
        private volatile boolean gone;

        Connection(Epoll epoll, SocketChannel channel) {
            this.epoll = epoll;
            this.channel = channel;
        }

        @Override
        public void onLeave(Runnable toRun) {
            left.set(toRun);
            if (gone) {
                tell();
            }
        }

        void gone() {
            gone = true;
            tell();
        }

        private void tell() {
            Runnable toRun = left.getAndSet(null);
            if (toRun != null) {
                toRun.run();
            }
        }

        @Override
        public boolean isGone() {
            return gone || epoll.isClosedByPeer(channel);
        }

        @Override
        public void close() {
            left.set(null);
        }
    }
}
