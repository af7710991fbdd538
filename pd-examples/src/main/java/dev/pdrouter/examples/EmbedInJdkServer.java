package dev.pdrouter.examples;

import com.sun.net.httpserver.HttpServer;
import dev.pdrouter.PdRequest;
import dev.pdrouter.PdRouter;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.connector.KvConnector;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.http.HttpHeaders;
import java.util.concurrent.Executors;

/**
 * A router in a server of your own: here the JDK's, in any other it is the same two lambdas.
 *
 * <p>This server does not notice that a client left before it writes to it; {@code JdkServer} of pd-server-jdk does.
 */
public final class EmbedInJdkServer {
    private EmbedInJdkServer() {}

    /**
     * Makes a router, to be closed by the caller.
     *
     * @param decoder its address, for instance {@code localhost:8001}
     * @return the router
     */
    public static PdRouter router(String decoder) {
        return PdRouter.builder()
                .decoder(Target.parse(decoder))
                .kvConnector(KvConnector.named("nixlv2"))
                .targets(TargetPolicy.any())
                .build();
    }

    /**
     * Starts a server that hands every request to a router.
     *
     * @param router handles the requests
     * @param port where to listen; 0 for any free one
     * @return the server, listening
     * @throws IOException when it cannot listen there
     */
    public static HttpServer start(PdRouter router, int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            String method = exchange.getRequestMethod();
            String target = exchange.getRequestURI().toString();
            HttpHeaders sent = HttpHeaders.of(exchange.getRequestHeaders(), (name, value) -> true);
            try {
                router.handle(new PdRequest(method, target, sent, exchange.getRequestBody()), (status, headers) -> {
                    long length = headers.firstValueAsLong("content-length").orElse(-1);
                    boolean empty = method.equals("HEAD") || status == 204 || status == 304 || length == 0;
                    exchange.getResponseHeaders().putAll(headers.map());
                    exchange.sendResponseHeaders(status, empty ? -1 : Math.max(0, length));
                    return exchange.getResponseBody();
                });
            } catch (InterruptedException e) {
                throw new InterruptedIOException("the client left");
            }
        });
        server.start();
        return server;
    }
}
