package dev.pdrouter.internal.http;

import java.io.IOException;

/** A request's body that could not be read to its end: the fault of who sends it, not of the engine. */
public final class RequestBodyException extends IOException {

    private static final long serialVersionUID = 1L;

    RequestBodyException(String message) {
        super(message);
    }

    RequestBodyException(Throwable cause) {
        super("the request's body could not be read", cause);
    }
}
