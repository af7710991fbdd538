package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import dev.pdrouter.GenerationApi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An error that the server answers without the router, in the shape of the engines' own errors, or of Anthropic's where a
 * client of Messages reads it.
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
        byte[] body = json(exchange.getRequestURI().getPath()).getBytes(StandardCharsets.US_ASCII);
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

    /** Its body, for a request to a path; null when that is not known. */
    String json(@Nullable String path) {
        boolean messages = Optional.ofNullable(path)
                .flatMap(GenerationApi::ofPath)
                .filter(GenerationApi.MESSAGES::equals)
                .isPresent();
        return messages
                ? "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"" + message + "\"}}"
                : "{\"error\":{\"message\":\"" + message + "\",\"type\":\"" + type + "\",\"param\":null,\"code\":"
                        + status + "}}";
    }
}
