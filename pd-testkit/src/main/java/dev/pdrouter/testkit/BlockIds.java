package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ArrayNode;

/** How a prefiller spells the ids of blocks, which differs among versions of vLLM and its simulator. */
public enum BlockIds {
    /** A list of lists, one for each group of the KV cache: vLLM 0.32. */
    NESTED,
    /** A list of numbers: older vLLM. */
    FLAT,
    /** A list of strings: the simulator. */
    STRINGS;

    ArrayNode of(int first, int count) {
        ArrayNode all = Json.array();
        ArrayNode ids = this == NESTED ? all.addArray() : all;
        for (int id = first; id < first + count; id++) {
            if (this == STRINGS) {
                ids.add(String.valueOf(id));
            } else {
                ids.add(id);
            }
        }
        return all;
    }
}
