package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.pdrouter.PdRequest;
import dev.pdrouter.PdRouter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/** Hands each of the server's exchanges to the router, and tells the router's thread when the client leaves. */
final class RouterHandler implements HttpHandler {

    private final PdRouter router;
    private final ClientWatch watch;

    RouterHandler(PdRouter router, ClientWatch watch) {
        this.router = router;
        this.watch = watch;
    }

    /**
     * Handles one exchange. It is closed only when the answer is whole: the server drops the connection when this
     * throws, which is how a client sees that its answer was cut.
     */
    @Override
    public void handle(HttpExchange exchange) throws IOException {
        String target = exchange.getRequestURI().toString();
        String method = exchange.getRequestMethod();
        Optional<String> problem = RequestCheck.problem(exchange.getRequestHeaders());
        if (problem.isPresent()) {
            Answers.badRequest(exchange, problem.get());
            return;
        }
        if (target.equals("/health") && method.equals("GET") && !router.isDraining()) {
            Answers.empty(exchange, 200);
            return;
        }
        ExchangeBody body = new ExchangeBody(exchange);
        ExchangeAnswer answer = new ExchangeAnswer(exchange);
        HttpHeaders headers = HttpHeaders.of(exchange.getRequestHeaders(), (name, value) -> true);
        try (ClientWatch.Watched watched = watch.watch(exchange, Thread.currentThread())) {
            body.watchedBy(watched);
            router.handle(new PdRequest(method, target, headers, body), answer);
        } catch (InterruptedException e) {
            throw (IOException) new InterruptedIOException("the client left").initCause(e);
        }
        answer.finish(body);
    }

    /** What few answers the server gives itself. */
    private static final class Answers {
        private Answers() {}

        static void empty(HttpExchange exchange, int status) throws IOException {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        }

        static void badRequest(HttpExchange exchange, String problem) throws IOException {
            byte[] body = ("{\"error\":{\"message\":\"" + problem
                            + "\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}}")
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            exchange.getResponseHeaders().put("Content-Type", List.of("application/json"));
            exchange.sendResponseHeaders(400, body.length);
            exchange.getResponseBody().write(body);
            exchange.getResponseBody().close();
        }
    }
}
