package dev.pdrouter.testkit;

/**
 * A KV cache that was handed off by a prefiller, or read by a decoder.
 *
 * @param requestId the {@code X-Request-Id} of the request
 * @param handoff the name of the handoff, equal on both sides
 * @param tokens how many tokens it covers
 * @param blocks how many blocks they are in
 * @param at when, of {@link System#nanoTime}
 */
public record KvRecord(String requestId, String handoff, int tokens, int blocks, long at) {}
