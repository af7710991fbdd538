package dev.pdrouter.internal.http;

import dev.pdrouter.EngineRequest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The head of a request, as RFC 9112 writes it. */
public final class RequestHead {

    private static final boolean[] TOKEN = new boolean[128];

    static {
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                .chars()
                .forEach(c -> TOKEN[c] = true);
    }

    private RequestHead() {}

    /**
     * Appends the head.
     *
     * @throws IllegalArgumentException when a part would end its line, or is no Latin-1
     */
    static void write(EngineRequest request, SendBuffer out) {
        String method = request.method();
        requireToken(method, "method");
        out.write(method);
        out.write(' ');
        out.write(requireVisible(request.target()));
        out.write(" HTTP/1.1\r\nHost: ");
        out.write(request.engine().toString());
        for (Map.Entry<String, List<String>> header : request.headers().map().entrySet()) {
            String name = header.getKey();
            if (!isFraming(name)) {
                requireToken(name, "header name");
                for (String value : header.getValue()) {
                    out.write("\r\n");
                    out.write(name);
                    out.write(": ");
                    out.write(requireText(value));
                }
            }
        }
        String framing = framing(method, request.body().length());
        if (framing != null) {
            out.write(framing);
        }
        out.write("\r\n\r\n");
    }

    /** RFC 9110 8.6: a method that usually has a body says so when there is none. */
    private static @Nullable String framing(String method, long length) {
        if (length < 0) {
            return "\r\nTransfer-Encoding: chunked";
        }
        if (length > 0 || method.equals("POST") || method.equals("PUT") || method.equals("PATCH")) {
            return "\r\nContent-Length: " + length;
        }
        return null;
    }

    /**
     * Whether a header is the transport's to write, or to leave out.
     *
     * @param name in any case
     * @return true for those that delimit a body or concern one hop
     */
    public static boolean isFraming(String name) {
        return switch (name.length()) {
            case 4 -> name.equalsIgnoreCase("Host");
            case 7 -> name.equalsIgnoreCase("Upgrade");
            case 10 -> name.equalsIgnoreCase("Connection");
            case 14 -> name.equalsIgnoreCase("Content-Length") || name.equalsIgnoreCase("HTTP2-Settings");
            case 17 -> name.equalsIgnoreCase("Transfer-Encoding");
            default -> false;
        };
    }

    private static void requireToken(String text, String what) {
        boolean token = !text.isEmpty();
        for (int i = 0; i < text.length(); i++) {
            token &= isToken(text.charAt(i));
        }
        if (!token) {
            throw new IllegalArgumentException("the " + what + " is not a token");
        }
    }

    static boolean isToken(int c) {
        return c >= 0 && c < TOKEN.length && TOKEN[c];
    }

    private static String requireVisible(String target) {
        boolean visible = !target.isEmpty();
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            visible &= c > ' ' && c != 0x7f && c <= 0xff;
        }
        if (!visible) {
            throw new IllegalArgumentException("the request-target holds blanks or control characters");
        }
        return target;
    }

    private static String requireText(String value) {
        boolean text = true;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            text &= c >= ' ' && c != 0x7f && c <= 0xff || c == '\t';
        }
        if (!text) {
            throw new IllegalArgumentException("a header's value holds control characters or is not Latin-1");
        }
        return value;
    }
}
