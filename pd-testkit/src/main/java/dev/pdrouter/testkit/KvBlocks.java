package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalInt;

/**
 * Where the KV cache of one computed prompt is.
 *
 * @param engineId of the prefiller, new whenever it starts
 * @param port of the prefiller, on 127.0.0.1; its side channels are taken to be there too
 * @param name what the prefiller calls this one computation: no other has the name
 * @param ids of the blocks, as {@link BlockIds} has them
 * @param tokens how many they cover
 * @param cachedTokens how many of those had been cached; empty when the engine does not tell
 */
public record KvBlocks(String engineId, int port, String name, JsonNode ids, int tokens, OptionalInt cachedTokens) {}
