package dev.pdrouter.server.jdk;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the JDK's server answers in HTML to a head that it does not take, said as an engine would. */
final class RefusedHead {

    private static final int STATUS_AT = "HTTP/1.1 ".length();

    /** In the server's words, and in ours. */
    private static final Map<String, String> MESSAGES = Map.of(
            "Bad request line", "the request line does not have three parts",
            "URISyntaxException thrown", "the request target is no URI",
            "Header key contains illegal characters", "a header has a name that is no token",
            "Conflicting or malformed headers detected",
                    "Content-Length is there more than once, or beside a Transfer-Encoding",
            "Unsupported Transfer-Encoding value", "the only Transfer-Encoding that is understood is chunked",
            "NumberFormatException thrown", "Content-Length is not a number",
            "Illegal Content-Length value", "Content-Length is not a number",
            "No context found for request", "the request target is not a path");

    private RefusedHead() {}

    /** The whole answer, which closes the connection. */
    static byte[] json(String html, ClientInput in) {
        int status = in.fault().isPresent() ? 400 : Integer.parseInt(html.substring(STATUS_AT, STATUS_AT + 3));
        String word = html.substring(html.lastIndexOf('>') + 1);
        String message = in.fault().orElse(MESSAGES.getOrDefault(word, "the head of the request cannot be read"));
        String requestLine = in.requestLine();
        String json = new ServerError(status, type(status), message).json(path(requestLine));
        return ("HTTP/1.1 " + status + " " + reason(status) + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + json.length() + "\r\nConnection: close\r\n\r\n"
                        + (requestLine.startsWith("HEAD ") ? "" : json))
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String type(int status) {
        return switch (status) {
            case 404 -> "NotFoundError";
            case 501 -> "NotImplementedError";
            default -> status < 500 ? "BadRequestError" : "InternalServerError";
        };
    }

    private static String reason(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 501 -> "Not Implemented";
            default -> "Error";
        };
    }

    /** The path that decides the error's shape, as far as it can be told from a line that may be anything. */
    private static @Nullable String path(String requestLine) {
        String[] parts = requestLine.split(" ", 3);
        try {
            return parts.length < 2 ? null : URI.create(parts[1]).getPath();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
