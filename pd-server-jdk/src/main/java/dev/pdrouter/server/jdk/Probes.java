package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * The port for those who watch over the process, plain HTTP: {@code GET /health} is 200 while it lives, {@code GET
 * /ready} while it takes requests.
 *
 * <p>A port of its own, so that it answers the same way whatever is asked of the other, and need not be open to clients.
 */
final class Probes implements AutoCloseable {

    private static final ServerError NOT_READY =
            new ServerError(503, "ServiceUnavailable", "not ready: no requests are taken now");
    private static final ServerError NO_METRICS =
            new ServerError(404, "NotFoundError", "metrics of the router itself are not there in this version yet");
    private static final ServerError UNKNOWN =
            new ServerError(404, "NotFoundError", "there are /health and /ready on this port");
    private static final ServerError OTHER_METHOD =
            new ServerError(405, "MethodNotAllowed", "only GET and HEAD are allowed here");

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
     * @return the probes, listening
     * @throws IOException when they cannot listen there
     */
    static Probes start(InetSocketAddress address, BooleanSupplier ready) throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.createContext("/", exchange -> answer(exchange, ready));
        server.start();
        return new Probes(server, threads);
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, BooleanSupplier ready) throws IOException {
        String method = exchange.getRequestMethod();
        switch (exchange.getRequestURI().getPath()) {
            case "/health", "/ready" -> {
                if (!method.equals("GET") && !method.equals("HEAD")) {
                    exchange.getResponseHeaders().put("Allow", List.of("GET, HEAD"));
                    OTHER_METHOD.answer(exchange);
                } else if (exchange.getRequestURI().getPath().equals("/ready") && !ready.getAsBoolean()) {
                    NOT_READY.answer(exchange);
                } else {
                    exchange.sendResponseHeaders(200, -1);
                }
            }
            case "/metrics" -> NO_METRICS.answer(exchange);
            default -> UNKNOWN.answer(exchange);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
