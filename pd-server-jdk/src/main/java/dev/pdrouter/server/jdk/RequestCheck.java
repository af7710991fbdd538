package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the JDK's server lets through and no proxy should: RFC 9112 section 3.2 and RFC 9110 section 5.5. */
final class RequestCheck {

    private static final Pattern METHOD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    private static final int MAX_HEADERS = 200;
    private static final int MAX_HEADER_BYTES = 380 * 1024;

    private RequestCheck() {}

    /**
     * What is wrong with a request.
     *
     * @param exchange the request as the server understood it
     * @param requestLine where the JVM shows it
     * @param fault what is wrong with the bytes of its head, where the JVM shows them
     */
    static Optional<ServerError> problem(HttpExchange exchange, Optional<String> requestLine, Optional<String> fault) {
        Map<String, List<String>> headers = exchange.getRequestHeaders();
        return fault.map(ServerError::badRequest)
                .or(() -> version(exchange.getProtocol()))
                .or(() -> parts(exchange, requestLine))
                .or(() -> size(exchange.getRequestURI().toString(), headers))
                .or(() -> malformed(exchange, headers).map(ServerError::badRequest));
    }

    private static Optional<ServerError> version(String version) {
        if (version.equals("HTTP/1.1") || version.equals("HTTP/1.0")) {
            return Optional.empty();
        }
        return Optional.of(
                version.startsWith("HTTP/")
                        ? new ServerError(505, "HTTPVersionNotSupported", "the version of HTTP is not 1.1 or 1.0")
                        : ServerError.badRequest("the request line does not end with a version of HTTP"));
    }

    /** The server takes what is between the first two blanks for the target, whatever comes before the version. */
    private static Optional<ServerError> parts(HttpExchange exchange, Optional<String> requestLine) {
        int expected = exchange.getRequestMethod().length()
                + exchange.getRequestURI().toString().length()
                + exchange.getProtocol().length()
                + 2;
        return requestLine
                .filter(line -> line.length() != expected)
                .map(line -> ServerError.badRequest("the request line does not have three parts"));
    }

    private static Optional<ServerError> size(String target, Map<String, List<String>> headers) {
        if (target.length() > MAX_HEADER_BYTES) {
            return Optional.of(new ServerError(414, "URITooLong", "the request target is too long"));
        }
        long bytes = 0;
        for (Map.Entry<String, List<String>> header : headers.entrySet()) {
            for (String value : header.getValue()) {
                bytes += header.getKey().length() + value.length();
            }
        }
        return headers.size() > MAX_HEADERS || bytes > MAX_HEADER_BYTES
                ? Optional.of(new ServerError(
                        431,
                        "RequestHeaderFieldsTooLarge",
                        "there are more than " + MAX_HEADERS + " headers, or more than " + MAX_HEADER_BYTES
                                + " bytes of them"))
                : Optional.empty();
    }

    private static Optional<String> malformed(HttpExchange exchange, Map<String, List<String>> headers) {
        if (!METHOD.matcher(exchange.getRequestMethod()).matches()) {
            return Optional.of("the method is not a token");
        }
        int hosts = headers.getOrDefault("Host", List.of()).size();
        if (hosts == 0 && exchange.getProtocol().equals("HTTP/1.1")) {
            return Optional.of("the Host header is missing");
        }
        if (hosts > 1) {
            return Optional.of("there is more than one Host header");
        }
        for (String length : headers.getOrDefault("Content-Length", List.of())) {
            if (!DIGITS.matcher(length.strip()).matches()) {
                return Optional.of("Content-Length is not a number");
            }
        }
        for (List<String> values : headers.values()) {
            for (String value : values) {
                if (hasControlCharacter(value)) {
                    return Optional.of("a header has a control character in its value");
                }
            }
        }
        return Optional.empty();
    }

    private static boolean hasControlCharacter(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f) {
                return true;
            }
        }
        return false;
    }
}
