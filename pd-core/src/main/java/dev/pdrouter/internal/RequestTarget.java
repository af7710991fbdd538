package dev.pdrouter.internal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Reads a request-target as engines do, so that no spelling of a path gets past the router unread. */
final class RequestTarget {

    private RequestTarget() {}

    /** The path, percent-decoded, without query; what an engine's router compares (uvicorn, both of its parsers). */
    static String path(String target) {
        int start = 0;
        if (!target.startsWith("/")) {
            int authority = target.indexOf("://");
            if (authority >= 0) {
                start = target.indexOf('/', authority + 3);
            }
            if (start < 0) {
                return "/";
            }
        }
        int end = target.length();
        for (int i = start; i < end; i++) {
            char c = target.charAt(i);
            if (c == '?' || c == '#') {
                end = i;
            }
        }
        String path = target.substring(start, end);
        return path.indexOf('%') < 0 ? path : withoutNewline(decode(path));
    }

    /** Starlette matches with a {@code $}, which also stands before a newline at the end. */
    private static String withoutNewline(String path) {
        return path.endsWith("\n") ? path.substring(0, path.length() - 1) : path;
    }

    private static String decode(String path) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            int high = c == '%' && i + 2 < path.length() ? Character.digit(path.charAt(i + 1), 16) : -1;
            int low = high >= 0 ? Character.digit(path.charAt(i + 2), 16) : -1;
            if (low >= 0) {
                bytes.write(high << 4 | low);
                i += 2;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
