package dev.pdrouter;

/**
 * The thread was interrupted, and no answer of the engine was lost by it: the engine was {@linkplain
 * EngineRequest#hearOut() heard out} and closed the connection, or it never had the whole request.
 *
 * <p>Any other {@link InterruptedException} of a {@link Transport} leaves open whether an answer had been on its way.
 */
public final class UnansweredException extends InterruptedException {
    private static final long serialVersionUID = 1L;

    /** Says nothing more. */
    public UnansweredException() {}
}
