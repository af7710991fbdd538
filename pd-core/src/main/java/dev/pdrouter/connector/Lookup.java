package dev.pdrouter.connector;

import dev.pdrouter.PdException;
import dev.pdrouter.Target;
import java.io.IOException;

/**
 * Asks a prefiller's host for what a plan needs to know, for instance the ids of its engines.
 *
 * <p>Answers are kept for a short time. When a request to a prefiller fails, what its host answered is forgotten, since
 * ids change when an engine starts again.
 */
@FunctionalInterface
public interface Lookup {

    /** A lookup that knows nobody, for plans that are made without a router. */
    Lookup NONE = (target, path) -> {
        throw new IOException("there is nobody to ask");
    };

    /**
     * Gets a JSON object within a few seconds, over plain HTTP whatever the transport of prefillers is: what stands
     * beside an engine and tells of it speaks nothing else.
     *
     * @param target on the host of the prefiller that is planned for, at whatever port
     * @param path the request-target, beginning with a slash
     * @return the object of an answer with status 2xx
     * @throws PdException when the host cannot be reached, breaks off or takes too long: it counts as a failed prefiller
     * @throws IOException when the answer is anything else
     * @throws InterruptedException when the thread was interrupted
     */
    JsonBody get(Target target, String path) throws PdException, IOException, InterruptedException;
}
