package dev.pdrouter.internal;

/**
 * What the requests of one router share.
 *
 * @param inFlight where they are counted
 * @param alarms for their deadlines
 * @param lookups what connectors have asked
 * @param breakers which prefillers keep failing
 * @param releases of handoffs that nobody will read
 * @param memory where their bodies are counted
 * @param pace how long prefills take
 */
public record Shared(
        InFlight inFlight,
        Alarms alarms,
        Lookups lookups,
        Breakers breakers,
        Releases releases,
        BodyMemory memory,
        PrefillPace pace) {}
