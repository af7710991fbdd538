package dev.pdrouter.testkit;

/** What an engine was started for. */
public enum KvRole {
    /** Computes prompts for others. */
    PREFILLER,
    /** Reads what others have computed, and generates. */
    DECODER
}
