package dev.pdrouter.event;

/**
 * Is told what happens to each request, in order, on the thread that does it.
 *
 * <p>It must return at once and not throw; what it throws is logged and ignored.
 */
@FunctionalInterface
public interface PdListener {

    /**
     * Something happened.
     *
     * @param event what
     */
    void on(PdEvent event);
}
