package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.pdrouter.PdRouter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A {@link PdRouter} behind the JDK's own HTTP server, a virtual thread for each request.
 *
 * <p>To notice at once that a client left it needs {@code --add-opens jdk.httpserver/sun.net.httpserver=ALL-UNNAMED}
 * and {@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED}, which the executable jar brings along, and Linux. Without
 * them a warning is logged, and a client that left is noticed when the second piece of its answer is written. The first of them also has
 * heads and chunks checked that the server would take for another request than the next server does.
 */
public final class JdkServer implements AutoCloseable {

    private static final int BACKLOG = 4096;
    private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(60);

    static {
        ServerProperties.set();
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final ClientWatch watch;
    private final HeadTimeout heads;
    private final RouterHandler handler;
    private final @Nullable EventLoop loop;

    private JdkServer(
            HttpServer server,
            ExecutorService threads,
            ClientWatch watch,
            HeadTimeout heads,
            RouterHandler handler,
            @Nullable EventLoop loop) {
        this.server = server;
        this.threads = threads;
        this.watch = watch;
        this.heads = heads;
        this.handler = handler;
        this.loop = loop;
    }

    /**
     * Starts a server.
     *
     * @param router handles the requests; stays the caller's to drain and close
     * @param address where to listen; port 0 for any free one
     * @param tls serves HTTPS when given
     * @return the server, listening
     * @throws IOException when it cannot listen there
     */
    public static JdkServer start(PdRouter router, InetSocketAddress address, @Nullable SSLContext tls)
            throws IOException {
        return start(router, 0, address, tls == null ? null : new HttpsConfigurator(tls), HEAD_TIMEOUT, null);
    }

    /**
     * As the other, before one of the router's ranks.
     *
     * @param headTimeout that a client may take for the head of a request; zero for any time
     * @param loop of this server alone, which runs its requests, and without TLS; null for threads of their own. Closed with
     *     it
     */
    static JdkServer start(
            PdRouter router,
            int rank,
            InetSocketAddress address,
            @Nullable HttpsConfigurator tls,
            Duration headTimeout,
            @Nullable EventLoop loop)
            throws IOException {
        HttpServer server;
        if (tls == null) {
            server = HttpServer.create(address, BACKLOG);
        } else {
            HttpsServer https = HttpsServer.create(address, BACKLOG);
            https.setHttpsConfigurator(tls);
            server = https;
        }
        ExecutorService threads =
                Executors.newThreadPerTaskExecutor((loop == null ? Thread.ofVirtual() : loop.threads())
                        .name("pd-router-", 0)
                        .factory());
        if (loop != null) {
            loop.drivenBy(server);
        }
        ClientWatch watch = ClientWatch.start();
        HeadTimeout heads = HeadTimeout.start(threads, headTimeout);
        HttpContext context = server.createContext("/");
        ClientStreams streams = ClientStreams.before(server, context, tls == null ? null : tls.getSSLContext(), heads);
        RouterHandler handler = new RouterHandler(
                router, rank, watch, heads, streams, loop == null ? null : new AsideThread(loop.otherThreads()));
        context.setHandler(handler);
        server.setExecutor(streams);
        server.start();
        return new JdkServer(server, threads, watch, heads, handler, loop);
    }

    /**
     * The port it listens on.
     *
     * @return the port that was asked for, or the free one that was chosen
     */
    public int port() {
        return server.getAddress().getPort();
    }

    /**
     * Waits until the ends of all answers are written, which comes after the router has done with them.
     *
     * @param timeout how long
     * @throws InterruptedException when the thread was interrupted
     */
    public void awaitWritten(Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (handler.isActive() && System.nanoTime() < end) {
            Thread.sleep(1);
        }
    }

    /** Stops listening and drops all connections; drain the router first. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        heads.close();
        watch.close();
        if (loop != null) {
            loop.close();
        }
    }
}
