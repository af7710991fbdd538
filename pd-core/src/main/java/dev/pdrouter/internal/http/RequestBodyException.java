package dev.pdrouter.internal.http;

import java.io.IOException;

/** A request's body that could not be read to its end: the fault of who sends it, not of the engine. */
public final class RequestBodyException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * A body that is not what it said it was.
     *
     * @param message what is wrong
     */
    public RequestBodyException(String message) {
        super(message);
    }

    /**
     * A body that its source did not give.
     *
     * @param cause what reading it threw
     */
    public RequestBodyException(Throwable cause) {
        super("the request's body could not be read", cause);
    }
}
