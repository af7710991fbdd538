package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/**
 * A KV cache that a decoder fetches.
 *
 * @param home the engine that has it: its id, or the {@code host:port} of its side channel
 * @param name under which it is kept there
 * @param orders the object that says so; where the prefiller told of it, the same members must have come through
 * @param patience how long the decoder waits for it to be there; zero where it has to be there already
 */
public record KvFetch(String home, String name, ObjectNode orders, Duration patience) {}
