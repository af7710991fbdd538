package dev.pdrouter.event;

/**
 * Is told what happens to each request, in order, on the thread that does it; of a {@link PdEvent.Released} on a thread
 * of its own.
 *
 * <p>It must return at once and not throw; whatever it throws, an {@link Error} too, is logged and ignored, and the other
 * listeners are told all the same.
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
