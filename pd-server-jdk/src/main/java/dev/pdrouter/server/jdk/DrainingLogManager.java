package dev.pdrouter.server.jdk;

import java.util.logging.LogManager;

/**
 * A log manager that keeps its handlers until the process ends.
 *
 * <p>The JDK's own takes them away as soon as shutdown begins, while running requests are still drained and worth a
 * line. Public because the JDK creates it by its name; it is nothing to use.
 */
public final class DrainingLogManager extends LogManager {

    /** Created by the JDK. */
    public DrainingLogManager() {}

    /** Does nothing. */
    @Override
    public void reset() {}
}
