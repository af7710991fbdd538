package dev.pdrouter.connector;

import java.io.IOException;
import java.util.Optional;

/** Finds the handoff in a prefiller's answer. */
@FunctionalInterface
public interface HandoffReader {

    /**
     * Reads an answer of status 2xx.
     *
     * @param answer the prefiller's answer
     * @return the handoff, or empty when the prefiller gave none
     * @throws IOException when the answer cannot be understood: the prefiller counts as failed
     */
    Optional<Handoff> read(JsonBody answer) throws IOException;
}
