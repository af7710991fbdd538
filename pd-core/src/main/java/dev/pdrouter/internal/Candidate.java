package dev.pdrouter.internal;

import dev.pdrouter.Target;

/**
 * A prefiller that is tried, until it is closed.
 *
 * @param target where it is
 * @param patience how long prefill may take, all tries together
 * @param permit to ask it
 */
record Candidate(Target target, Patience patience, Breakers.Permit permit) implements AutoCloseable {

    /** It is well: it answered, be it with an error about this request. */
    void served() {
        permit.served();
    }

    /** It failed in a way that may befall any request. */
    void failed() {
        permit.failed();
    }

    @Override
    public void close() {
        permit.close();
    }
}
