package dev.pdrouter.bench;

import java.util.List;

/**
 * One kind of load.
 *
 * @param name as a row of the table
 * @param promptBytes of each request
 * @param disaggregated whether requests name a prefiller
 * @param streamed whether they ask for a stream
 * @param connections clients at once, each of which waits for its answer
 */
record Scenario(String name, int promptBytes, boolean disaggregated, boolean streamed, int connections) {

    private static final int KB = 1000;

    static final List<Scenario> ALL = List.of(
            new Scenario("1 KB, 1 connection", KB, true, false, 1),
            new Scenario("1 KB, 16 connections", KB, true, false, 16),
            new Scenario("1 KB, 128 connections", KB, true, false, 128),
            new Scenario("10 KB, 16 connections", 10 * KB, true, false, 16),
            new Scenario("100 KB, 8 connections", 100 * KB, true, false, 8),
            new Scenario("1 MB, 4 connections", 1000 * KB, true, false, 4),
            new Scenario("10 MB, 2 connections", 10_000 * KB, true, false, 2),
            new Scenario("1 MB, 1 connection", 1000 * KB, true, false, 1),
            new Scenario("10 MB, 1 connection", 10_000 * KB, true, false, 1),
            new Scenario("pass-through, 16 connections", KB, false, false, 16),
            new Scenario("stream of 100 events, 32 connections", KB, true, true, 32));

    /** The request's body; whether it is streamed stands at its end. */
    String body() {
        String words = "The quick brown fox \\\"jumps\\\" over <the> lazy dog & \u00e9. ";
        return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                + words.repeat(Math.max(1, promptBytes / words.length()))
                + "\"}],\"max_tokens\":20,\"temperature\":0.7,\"seed\":42,\"stream\":" + streamed + "}";
    }
}
