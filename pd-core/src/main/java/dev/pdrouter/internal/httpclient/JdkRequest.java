package dev.pdrouter.internal.httpclient;

import dev.pdrouter.EngineRequest;
import dev.pdrouter.internal.http.RequestHead;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;

/** A request as the JDK's client takes it. */
final class JdkRequest {

    private JdkRequest() {}

    /**
     * Translates a request.
     *
     * @throws IllegalArgumentException when a part cannot be sent as it is
     * @throws ConnectException when the engine's name is none to {@link URI}
     */
    static HttpRequest of(String scheme, EngineRequest request, BodyPublisher body) throws ConnectException {
        HttpRequest.Builder builder = HttpRequest.newBuilder(uri(scheme, request));
        if (body.contentLength() == 0) {
            withoutBody(builder, request.method(), body);
        } else {
            builder.method(request.method(), body);
        }
        request.headers().map().forEach((name, values) -> {
            if (!RequestHead.isFraming(name) && !name.equalsIgnoreCase("Expect")) {
                values.forEach(value -> builder.header(name, requireAscii(value)));
            }
        });
        return builder.build();
    }

    /** These three say nothing of a length then. */
    private static void withoutBody(HttpRequest.Builder builder, String method, BodyPublisher none) {
        switch (method) {
            case "GET" -> builder.GET();
            case "HEAD" -> builder.HEAD();
            case "DELETE" -> builder.DELETE();
            default -> builder.method(method, none);
        }
    }

    private static URI uri(String scheme, EngineRequest request) throws ConnectException {
        URI uri;
        try {
            uri = new URI(scheme + "://" + request.engine() + path(request.target()));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the request-target is no URI");
        }
        if (uri.getHost() == null) {
            throw new ConnectException("the engine's host name cannot be written in a URI");
        }
        return uri;
    }

    /** A target in absolute-form means the same without its first half (RFC 9112 3.2.2). */
    private static String path(String target) {
        int slashes = target.startsWith("/") ? -1 : target.indexOf("://");
        int from = slashes < 0 ? 0 : target.indexOf('/', slashes + 3);
        String path = from < 0 ? "" : requireAscii(target.substring(from));
        if (!path.startsWith("/") || path.indexOf('#') >= 0) {
            throw new IllegalArgumentException("the request-target has no path");
        }
        return path;
    }

    /** The JDK's client would send a question mark in its place. */
    private static String requireAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7e) {
                throw new IllegalArgumentException("the JDK's HTTP client sends nothing but ASCII in a request's head");
            }
        }
        return text;
    }
}
