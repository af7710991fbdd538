package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An error that the server answers without the router, in the shape of the engines' own errors.
 *
 * @param status its status
 * @param type the word for it
 * @param message plain ASCII without quotes
 */
record ServerError(int status, String type, String message) {

    static ServerError badRequest(String message) {
        return new ServerError(400, "BadRequestError", message);
    }

    /** Answers with it and flushes; the exchange stays open. */
    void answer(HttpExchange exchange) throws IOException {
        byte[] body = ("{\"error\":{\"message\":\"" + message + "\",\"type\":\"" + type + "\",\"param\":null,\"code\":"
                        + status + "}}")
                .getBytes(StandardCharsets.US_ASCII);
        exchange.getResponseHeaders().put("Content-Type", List.of("application/json"));
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().put("Content-Length", List.of(String.valueOf(body.length)));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.getResponseBody().flush();
    }
}
