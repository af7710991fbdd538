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
 */
public record PdRequest(String method, String target, HttpHeaders headers, InputStream body) {}
