package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * The port for those who watch over the process, plain HTTP: {@code GET /health} is 200 while it lives, {@code GET
 * /ready} while it takes requests, and {@code GET /metrics} has what was counted.
 *
 * <p>A port of its own, so that it answers the same way whatever is asked of the other, and need not be open to clients.
 */
final class Probes implements AutoCloseable {

    private static final ServerError NOT_READY =
            new ServerError(503, "ServiceUnavailable", "not ready: no requests are taken now");
    private static final ServerError UNKNOWN =
            new ServerError(404, "NotFoundError", "there are /health, /ready and /metrics on this port");
    private static final ServerError OTHER_METHOD =
            new ServerError(405, "MethodNotAllowed", "only GET and HEAD are allowed here");

    private static final List<String> PATHS = List.of("/health", "/ready", "/metrics");
    private static final List<String> METHODS = List.of("GET", "HEAD");

    static {
        ServerProperties.set();
    }

    private final HttpServer server;
    private final ExecutorService threads;

    private Probes(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * Starts to answer.
     *
     * @param address where to listen
     * @param ready whether requests are taken
     * @param metrics what was counted
     * @return the probes, listening
     * @throws IOException when they cannot listen there
     */
    static Probes start(InetSocketAddress address, BooleanSupplier ready, Metrics metrics) throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.createContext("/", exchange -> answer(exchange, ready, metrics));
        server.start();
        return new Probes(server, threads);
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, BooleanSupplier ready, Metrics metrics) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (!PATHS.contains(path)) {
            UNKNOWN.answer(exchange);
        } else if (!METHODS.contains(exchange.getRequestMethod())) {
            exchange.getResponseHeaders().put("Allow", List.of(String.join(", ", METHODS)));
            OTHER_METHOD.answer(exchange);
        } else if (path.equals("/metrics")) {
            show(exchange, metrics);
        } else if (path.equals("/ready") && !ready.getAsBoolean()) {
            NOT_READY.answer(exchange);
        } else {
            exchange.sendResponseHeaders(200, -1);
        }
        exchange.close();
    }

    private static void show(HttpExchange exchange, Metrics metrics) throws IOException {
        exchange.getResponseHeaders().put("Content-Type", List.of(metrics.contentType()));
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        metrics.writeTo(page);
        exchange.sendResponseHeaders(200, page.size());
        page.writeTo(exchange.getResponseBody());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
