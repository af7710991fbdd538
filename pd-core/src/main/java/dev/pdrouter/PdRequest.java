package dev.pdrouter;

import java.io.InputStream;
import java.net.http.HttpHeaders;

/**
 * A request as the client sent it.
 *
 * @param method as sent, for instance {@code POST}
 * @param target the request-target of RFC 9112 section 3.2 as sent, not decoded: origin form
 *     ({@code /v1/models?limit=2}) or absolute form
 * @param headers all of them, hop-by-hop ones too
 * @param body read at most once, by the router; empty when there is none. Reading must fail, not end, when the client
 *     goes away before its body is whole, and fail with a {@link java.net.ProtocolException} when the body's transfer
 *     coding is malformed, which is answered 400
 * @param rank which of the router's {@link PdRouter.Builder#ranks} the listener stands before that the request came to
 */
public record PdRequest(String method, String target, HttpHeaders headers, InputStream body, int rank) {

    /**
     * A request to the first rank, which is the only one without data parallelism.
     *
     * @param method as sent
     * @param target as sent
     * @param headers all of them
     * @param body read at most once
     */
    public PdRequest(String method, String target, HttpHeaders headers, InputStream body) {
        this(method, target, headers, body, 0);
    }
}
