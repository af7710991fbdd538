package dev.pdrouter;

import java.net.http.HttpHeaders;

/**
 * A request to an engine.
 *
 * @param method for instance {@code POST}
 * @param engine whom it goes to
 * @param target the request-target, sent as it is
 * @param headers end-to-end headers, without {@code Host}, {@code Content-Length} and {@code Transfer-Encoding}, which
 *     the transport writes
 * @param body what is sent
 */
public record EngineRequest(String method, Target engine, String target, HttpHeaders headers, Body body) {}
